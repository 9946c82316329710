import { closestName } from '../cells/closest-name.js';
import type { Column, Row, TextSource } from '../decode/column.js';
import { wordsToBigint } from '../decode/integer-words.js';
import { rowTest, type RowTest } from '../store/row-filter.js';
import { arithmetic, compareNumbers, type NumberReader } from './expression-numbers.js';
import { ExpressionFault, type CompareOp, type Expression, type TextSpan } from './expression.js';
import { parseExpression } from './parse-expression.js';

/** Finds the columns that an expression names. */
export interface ExpressionColumns {
  column(name: string): Column | undefined;
  names(): string[];
}

/** The test of an expression, or why there is none: one sentence about characters [from, to) of the text. */
export type CompiledExpression = { kind: 'test'; test: RowTest } | ({ kind: 'invalid'; message: string } & TextSpan);

type Value =
  | { kind: 'literal'; value: bigint | number; text: string }
  | { kind: 'text'; value: string }
  | { kind: 'column'; column: Column }
  /** No column has this name: a value of the enum on the other side, or a mistake. */
  | { kind: 'word'; word: string }
  | { kind: 'number'; read: NumberReader }
  | { kind: 'test'; test: RowTest };

type Place<V> = V & { node: Expression };
type ColumnPlace = Place<Extract<Value, { kind: 'column' }>>;
type LiteralPlace = Place<Extract<Value, { kind: 'literal' | 'text' }>>;

type PlainOp = Exclude<CompareOp, '~' | '!~'>;

const flipped: Readonly<Record<PlainOp, PlainOp>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<='
};

const isMatch = (op: CompareOp): op is '~' | '!~' => op === '~' || op === '!~';

class Compiler {
  readonly #columns: ExpressionColumns;

  constructor(columns: ExpressionColumns) {
    this.#columns = columns;
  }

  test(node: Expression): RowTest {
    const value = this.#value(node);
    switch (value.kind) {
      case 'test':
        return value.test;
      case 'number':
        return row => !isZero(value.read(row));
      case 'column':
        return columnTest(value.column);
      case 'word':
        throw this.#unknown(value.word, node);
      default:
        throw new ExpressionFault('This alone is no condition; compare it with a column.', node);
    }
  }

  #value(node: Expression): Place<Value> {
    switch (node.kind) {
      case 'number':
        return { kind: 'literal', value: node.value, text: node.text, node };
      case 'text':
        return { kind: 'text', value: node.value, node };
      case 'name': {
        const column = this.#columns.column(node.name);
        return column ? { kind: 'column', column, node } : { kind: 'word', word: node.name, node };
      }
      case 'negate': {
        const read = this.#number(node.operand);
        return { kind: 'number', read: arithmetic('-', () => 0n, read), node };
      }
      case 'arithmetic':
        return {
          kind: 'number',
          read: arithmetic(node.op, this.#number(node.left), this.#number(node.right)),
          node
        };
      default:
        return { kind: 'test', test: this.#condition(node), node };
    }
  }

  #condition(node: Extract<Expression, { kind: 'not' | 'and' | 'or' | 'compare' | 'in' }>): RowTest {
    switch (node.kind) {
      case 'not': {
        const test = this.test(node.operand);
        return row => !test(row);
      }
      case 'and':
      case 'or': {
        const [left, right] = [this.test(node.left), this.test(node.right)];
        return node.kind === 'and' ? row => left(row) && right(row) : row => left(row) || right(row);
      }
      case 'compare':
        return this.#compare(node.op, this.#value(node.left), this.#value(node.right));
      case 'in': {
        const operand = this.#value(node.operand);
        const tests = node.list.map(element => this.#compare('==', operand, this.#value(element)));
        return row => tests.some(test => test(row));
      }
    }
  }

  /** A value that one can calculate with. */
  #number(node: Expression): NumberReader {
    const read = numberReader(this.#value(node));
    if (read) return read;
    if (node.kind === 'name' && !this.#columns.column(node.name)) throw this.#unknown(node.name, node);
    throw new ExpressionFault('This is no number, so that one cannot calculate with it.', node);
  }

  #compare(op: CompareOp, left: Place<Value>, right: Place<Value>): RowTest {
    if (isMatch(op)) return this.#match(op, left, right);
    if (right.kind === 'column' && left.kind !== 'column') return this.#compare(flipped[op], right, left);
    const value = left.kind === 'column' && right.kind === 'word' ? this.#named(left, right) : right;
    if (left.kind === 'column') {
      if (value.kind === 'literal' || value.kind === 'text') return columnWithLiteral(op, left, value);
      if (left.column.kind === 'text' && value.kind === 'column') return twoColumns(op, left, value);
    }
    this.#refuseWords(left, value);
    return compareNumbers(op, comparable(left), comparable(value));
  }

  #match(op: '~' | '!~', left: Place<Value>, right: Place<Value>): RowTest {
    if (right.kind === 'word') {
      throw new ExpressionFault(`Text behind ${op} belongs in quotes: "${right.word}".`, right.node);
    }
    this.#refuseWords(left, right);
    if (left.kind === 'column' && (right.kind === 'literal' || right.kind === 'text')) {
      const { column } = left;
      const value = right.kind === 'text' ? right.value : right.text;
      return rowTest(column, { column: column.spec.name, op: op === '~' ? 'contains' : 'not contains', value });
    }
    throw new ExpressionFault(`${op} wants a column on its left and a text in quotes on its right.`, left.node);
  }

  #refuseWords(...sides: Place<Value>[]): void {
    for (const side of sides) if (side.kind === 'word') throw this.#unknown(side.word, side.node);
  }

  /** `state == TCP_CLOSE`, `is_ipv6 == true`. */
  #named({ column }: ColumnPlace, { word, node }: Place<Extract<Value, { kind: 'word' }>>): LiteralPlace {
    const source = numberSource(column);
    const value = source?.names?.get(word);
    if (value !== undefined) return { kind: 'literal', value, text: String(value), node };
    const truth = ['false', 'true'].indexOf(word);
    if (truth >= 0 && source) return { kind: 'text', value: word, node };
    if (truth >= 0 && column.kind !== 'text') return { kind: 'literal', value: BigInt(truth), text: word, node };
    if (!source?.names) throw this.#unknown(word, node);
    const near = closestName(word, [...source.names.keys()]);
    const hint = near === null ? '' : ` Did you mean ${near}?`;
    throw new ExpressionFault(`"${column.spec.name}" has no value named "${word}".${hint}`, node);
  }

  #unknown(name: string, span: TextSpan): ExpressionFault {
    const near = closestName(name, this.#columns.names());
    const hint = near === null ? ' Text belongs in quotes.' : ` Did you mean ${near}?`;
    return new ExpressionFault(`There is no column "${name}".${hint}`, span);
  }
}

const isZero = (value: bigint | number | null): boolean => value === null || value === 0n || value === 0;

/** Where the number of a column stands whose cells are text: an enum, a bool, a pointer. */
const numberSource = (column: Column): Extract<TextSource, { kind: 'number' }> | null =>
  column.kind === 'text' && column.source.kind === 'number' ? column.source : null;

/** A column alone: a number that is not 0, a text that is not empty. */
function columnTest(column: Column): RowTest {
  if (column.kind === 'f64') return row => column.value(row) !== 0;
  const words = column.kind === 'text' ? numberSource(column)?.words : column.words;
  if (words) return row => (words.low(row) | words.high(row)) !== 0;
  return row => column.kind === 'text' && column.text(row) !== '';
}

function columnWithLiteral(op: PlainOp, { column }: ColumnPlace, right: LiteralPlace): RowTest {
  const { name } = column.spec;
  const test = (value: string): RowTest => rowTest(column, { column: name, op: op === '==' ? '=' : op, value });
  const source = numberSource(column);
  if (right.kind === 'text') {
    if (column.kind !== 'text') {
      throw new ExpressionFault(`"${name}" is a number; write it without quotes.`, right.node);
    }
    return test(String(source?.names?.get(right.value) ?? right.value));
  }
  if (column.kind !== 'text' || (source && typeof right.value === 'bigint')) return test(String(right.value));
  throw new ExpressionFault(
    `"${name}" is ${source ? 'a whole number or a name' : 'text; put it in quotes'}.`,
    right.node
  );
}

function twoColumns(op: PlainOp, left: ColumnPlace, right: ColumnPlace): RowTest {
  const [one, other] = [left.column, right.column];
  if (one.kind !== 'text' || other.kind !== 'text') {
    throw new ExpressionFault(`"${other.spec.name}" is a number and "${one.spec.name}" is not.`, right.node);
  }
  return compareNumbers(op, ...ordered(one.text, other.text));
}

/** Two texts as numbers of the same order. */
function ordered(left: (row: Row) => string, right: (row: Row) => string): [NumberReader, NumberReader] {
  const order = (row: Row): number => {
    const [one, other] = [left(row), right(row)];
    return one < other ? -1 : one > other ? 1 : 0;
  };
  return [order, () => 0];
}

function comparable(value: Place<Value>): NumberReader {
  const read = numberReader(value);
  if (!read) throw new ExpressionFault('This cannot be compared with a number.', value.node);
  return read;
}

function numberReader(value: Value): NumberReader | null {
  if (value.kind === 'number') return value.read;
  if (value.kind === 'literal') return () => value.value;
  if (value.kind !== 'column') return null;
  const { column } = value;
  if (column.kind === 'f64') return column.value;
  if (column.kind === 'text') {
    if (column.source.kind !== 'number') return null;
    const { words, signed } = column.source;
    return row => wordsToBigint(words.low(row), words.high(row), signed);
  }
  const { words } = column;
  const signed = column.kind === 'i64';
  return row => wordsToBigint(words.low(row), words.high(row), signed);
}

/** Compiles a filter expression over columns; a blank text keeps every row. */
export function compileExpression(text: string, columns: ExpressionColumns): CompiledExpression {
  if (text.trim() === '') return { kind: 'test', test: () => true };
  try {
    return { kind: 'test', test: new Compiler(columns).test(parseExpression(text)) };
  } catch (error) {
    if (!(error instanceof ExpressionFault)) throw error;
    return { kind: 'invalid', message: error.message, ...error.span };
  }
}
