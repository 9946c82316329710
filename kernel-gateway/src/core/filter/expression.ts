/** What a filter expression says, as a tree; `docs/reference/filters.md` is the grammar for users. */

/** Characters [from, to) of the expression's text, in UTF-16 code units: what a message is about. */
export interface TextSpan {
  from: number;
  to: number;
}

/** `~` is "contains", without case. */
export type CompareOp = '==' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~';

/** Operators on numbers; integers are exact and never wrap around. */
export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '&';

/** One node. Integers are bigint, numbers with a fraction are doubles. */
export type Expression = TextSpan &
  (
    | { kind: 'number'; value: bigint | number; text: string }
    | { kind: 'text'; value: string }
    | { kind: 'name'; name: string }
    | { kind: 'negate'; operand: Expression }
    | { kind: 'not'; operand: Expression }
    | { kind: 'and' | 'or'; left: Expression; right: Expression }
    | { kind: 'compare'; op: CompareOp; left: Expression; right: Expression }
    | { kind: 'arithmetic'; op: ArithmeticOp; left: Expression; right: Expression }
    | { kind: 'in'; operand: Expression; list: Expression[] }
  );

/** Why a text is no expression over these columns, and where. Caught where expressions are compiled. */
export class ExpressionFault extends Error {
  readonly span: TextSpan;

  constructor(message: string, span: TextSpan) {
    super(message);
    this.span = { from: span.from, to: span.to };
  }
}
