/** Numbers of filter expressions: whole ones are exact at any size, those with a fraction are doubles. */
import type { Row } from '../decode/column.js';
import type { RowTest } from '../store/row-filter.js';
import type { ArithmeticOp, CompareOp } from './expression.js';

/** A number of a row; null when it has none, as after a division by zero. */
export type NumberReader = (row: Row) => bigint | number | null;

const onIntegers: Record<ArithmeticOp, (left: bigint, right: bigint) => bigint | null> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0n ? null : left / right),
  '%': (left, right) => (right === 0n ? null : left % right),
  '&': (left, right) => left & right
};

const onFractions: Record<ArithmeticOp, (left: number, right: number) => number | null> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? null : left / right),
  '%': (left, right) => (right === 0 ? null : left % right),
  '&': () => null
};

/** Two whole numbers give a whole one (division cuts towards zero, as in C), others a double. */
export function arithmetic(op: ArithmeticOp, left: NumberReader, right: NumberReader): NumberReader {
  const [exact, fraction] = [onIntegers[op], onFractions[op]];
  return row => {
    const [one, other] = [left(row), right(row)];
    if (one === null || other === null) return null;
    if (typeof one === 'bigint' && typeof other === 'bigint') return exact(one, other);
    return fraction(Number(one), Number(other));
  };
}

type OrderOp = Exclude<CompareOp, '~' | '!~'>;

// A bigint and a double are compared by their exact values (ECMAScript 7.2.13), so that 2^63 is not 2^63 + 1.
const orders: Record<OrderOp, (left: bigint | number, right: bigint | number) => boolean> = {
  '==': (left, right) => left <= right && left >= right,
  '!=': (left, right) => !(left <= right && left >= right),
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right
};

/** A comparison of numbers; false when one of them is none. */
export function compareNumbers(op: OrderOp, left: NumberReader, right: NumberReader): RowTest {
  const order = orders[op];
  return row => {
    const [one, other] = [left(row), right(row)];
    return one !== null && other !== null && order(one, other);
  };
}
