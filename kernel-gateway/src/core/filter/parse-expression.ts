import { ExpressionFault, type ArithmeticOp, type CompareOp, type Expression } from './expression.js';
import { expressionTokens, type Token } from './expression-tokens.js';

/** Brackets and signs inside each other; deeper is no filter that somebody wrote. */
const MAX_DEPTH = 100;

const compareSigns = new Map<string, CompareOp>([
  ...(['==', '!=', '<', '<=', '>', '>=', '~', '!~'] as const).map(op => [op, op] as const),
  ['=', '=='],
  ['=~', '~']
]);

/** Words that stand for signs; a column of such a name is written between backticks. */
const words = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['in', 'in']
]);

class Parser {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = expressionTokens(text);
  }

  whole(): Expression {
    const expression = this.#or();
    const next = this.#next;
    if (next.kind !== 'end') throw new ExpressionFault(`An operator such as && is missing before this.`, next);
    return expression;
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** The sign that comes next, also when it is written as a word. */
  get #sign(): string {
    const next = this.#next;
    if (next.kind === 'sign') return next.sign;
    return next.kind === 'name' && !next.isQuoted ? (words.get(next.name.toLowerCase()) ?? '') : '';
  }

  #take(sign: string): boolean {
    if (this.#sign !== sign) return false;
    this.#at++;
    return true;
  }

  #deeper(parse: () => Expression): Expression {
    if (++this.#depth > MAX_DEPTH) throw new ExpressionFault('The expression is nested too deep.', this.#next);
    const expression = parse();
    this.#depth--;
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('||')) left = joined('or', left, this.#and());
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#take('&&')) left = joined('and', left, this.#not());
    return left;
  }

  #not(): Expression {
    const { from } = this.#next;
    if (!this.#take('!')) return this.#compare();
    const operand = this.#deeper(() => this.#not());
    return { kind: 'not', operand, from, to: operand.to };
  }

  #compare(): Expression {
    const left = this.#sum();
    if (this.#take('in')) return this.#in(left);
    const op = compareSigns.get(this.#sign);
    if (op === undefined) return left;
    this.#at++;
    const right = this.#sum();
    if (compareSigns.has(this.#sign)) {
      throw new ExpressionFault('Two comparisons in a row; join them with &&.', this.#next);
    }
    return { kind: 'compare', op, left, right, from: left.from, to: right.to };
  }

  #in(operand: Expression): Expression {
    this.#expect('(', 'A list in brackets belongs behind "in".');
    const list = [this.#sum()];
    while (this.#take(',')) list.push(this.#sum());
    const { to } = this.#next;
    this.#expect(')', 'The list is not closed with ).');
    return { kind: 'in', operand, list, from: operand.from, to };
  }

  #expect(sign: string, message: string): void {
    if (!this.#take(sign)) throw new ExpressionFault(message, this.#next);
  }

  #sum(): Expression {
    let left = this.#product();
    while (this.#sign === '+' || this.#sign === '-') left = this.#arithmetic(left, () => this.#product());
    return left;
  }

  #product(): Expression {
    let left = this.#factor();
    while (this.#sign !== '' && '*/%&'.includes(this.#sign)) left = this.#arithmetic(left, () => this.#factor());
    return left;
  }

  #arithmetic(left: Expression, parse: () => Expression): Expression {
    const op = this.#sign as ArithmeticOp;
    this.#at++;
    const right = parse();
    return { kind: 'arithmetic', op, left, right, from: left.from, to: right.to };
  }

  #factor(): Expression {
    const token = this.#next;
    if (this.#take('-'))
      return negated(
        token.from,
        this.#deeper(() => this.#factor())
      );
    if (this.#take('(')) {
      const inner = this.#deeper(() => this.#or());
      const { to } = this.#next;
      this.#expect(')', 'The bracket is not closed with ).');
      return { ...inner, from: token.from, to };
    }
    if (token.kind === 'sign' || token.kind === 'end' || (token.kind === 'name' && this.#sign !== '')) {
      throw new ExpressionFault('A column, a number or a text in quotes is missing here.', token);
    }
    this.#at++;
    return token.kind === 'name' ? { kind: 'name', name: token.name, from: token.from, to: token.to } : token;
  }
}

function joined(kind: 'and' | 'or', left: Expression, right: Expression): Expression {
  return { kind, left, right, from: left.from, to: right.to };
}

/** `-5` is a number, so that it is compared as one. */
function negated(from: number, operand: Expression): Expression {
  if (operand.kind !== 'number') return { kind: 'negate', operand, from, to: operand.to };
  const text = operand.text.startsWith('-') ? operand.text.slice(1) : `-${operand.text}`;
  return { ...operand, value: -operand.value, text, from };
}

/**
 * Reads a filter expression. From loosest to tightest: `||`, `&&`, `!`, comparisons, `+ -`, `* / % &`. Unlike in C,
 * `flags & 2 == 2` means what it looks like.
 *
 * @throws ExpressionFault
 */
export function parseExpression(text: string): Expression {
  return new Parser(text).whole();
}
