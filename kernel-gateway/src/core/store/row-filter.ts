import type { WindowFilter } from '../../protocol/index.js';
import type { Column, Row, Words } from '../decode/column.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';
import { parseInteger } from '../decode/parse-integer.js';
import { decimalTest } from './decimal-search.js';
import { charsContain, foldText } from './text-search.js';

/** True for rows that a filter keeps. */
export type RowTest = (row: Row) => boolean;

type Compare = 'lt' | 'eq' | 'gt' | 'none';
type Op = WindowFilter['op'];

const never: RowTest = () => false;

/** Whether a comparison that came out as `result` is what the operator asks for; `none` (NaN) is unequal to everything. */
const keeps: Record<Exclude<Op, 'contains' | 'not contains'>, (result: Compare) => boolean> = {
  '=': result => result === 'eq',
  '!=': result => result !== 'eq',
  '<': result => result === 'lt',
  '<=': result => result === 'lt' || result === 'eq',
  '>': result => result === 'gt',
  '>=': result => result === 'gt' || result === 'eq'
};

function wordsTest(words: Words, signed: boolean, filter: { op: keyof typeof keeps; value: bigint }): RowTest {
  const keep = keeps[filter.op];
  const [least, most] = signed ? [-(1n << 63n), (1n << 63n) - 1n] : [0n, (1n << 64n) - 1n];
  if (filter.value < least) return keep('gt') ? () => true : never;
  if (filter.value > most) return keep('lt') ? () => true : never;
  const flip = signed ? 0x80000000 : 0;
  const bits = BigInt.asUintN(64, filter.value);
  const wantedLow = Number(bits & 0xffffffffn);
  const wantedHigh = (Number(bits >> 32n) ^ flip) >>> 0;
  const [whenLess, whenEqual, whenMore] = [keep('lt'), keep('eq'), keep('gt')];
  return row => {
    const high = (words.high(row) ^ flip) >>> 0;
    if (high !== wantedHigh) return high < wantedHigh ? whenLess : whenMore;
    const low = words.low(row);
    return low === wantedLow ? whenEqual : low < wantedLow ? whenLess : whenMore;
  };
}

/** Tests the text of a number, once per distinct value. */
function memoizedTest(words: Words, text: (row: Row) => string, test: (text: string) => boolean): RowTest {
  const known = new Map<number, boolean>();
  return row => {
    const high = words.high(row);
    // Exact below 2^53; rarer values are tested each time.
    if (high >= 0x200000) return test(text(row));
    const key = high * 0x100000000 + words.low(row);
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = test(text(row));
    if (known.size < 65536) known.set(key, result);
    return result;
  };
}

function textTest(op: Op, value: string): (text: string) => boolean {
  if (op === 'contains') return containsTest(value);
  if (op === 'not contains') {
    const contains = containsTest(value);
    return text => !contains(text);
  }
  const keep = keeps[op];
  return text => keep(text === value ? 'eq' : text < value ? 'lt' : 'gt');
}

function containsTest(value: string): (text: string) => boolean {
  const wanted = foldText(value);
  return text => foldText(text).includes(wanted);
}

function charsEqual(offset: number, size: number, wanted: Uint8Array): RowTest {
  return row => {
    const start = row.at + offset;
    const limit = size > 0 ? start + size : row.at + row.length;
    if (start + wanted.length > limit) return false;
    for (let index = 0; index < wanted.length; index++) if (row.bytes[start + index] !== wanted[index]) return false;
    return start + wanted.length === limit || row.bytes[start + wanted.length] === 0;
  };
}

/** The tests that the bytes of a char array answer, or null when the text must be made. */
function charsTest(source: { offset: number; size: number }, { op, value }: WindowFilter): RowTest | null {
  // Escapes of the shown text begin with a backslash; everything else that is shown stands in the bytes as it is shown.
  if (!/^[\x20-\x5b\x5d-\x7e\u00a0-\ud7ff\ue000-\u{10ffff}]*$/u.test(value)) return null;
  const { offset, size } = source;
  const test =
    op === 'contains' || op === 'not contains'
      ? charsContain(source, value)
      : op === '=' || op === '!='
        ? charsEqual(offset, size, encodeUtf8(value))
        : null;
  if (!test) return null;
  return op === 'contains' || op === '=' ? test : row => !test(row);
}

/** Parses the filter once; the result is called for every row. A number column compared with text that is none keeps nothing. */
export function rowTest(column: Column, filter: WindowFilter): RowTest {
  const { op, value } = filter;
  if (column.kind === 'text') return textColumnTest(column, filter);
  const isText = op === 'contains' || op === 'not contains';
  if (column.kind === 'f64') {
    if (isText) return row => textTest(op, value)(String(column.value(row)));
    return floatTest(column.value, op, Number(value));
  }
  const signed = column.kind === 'i64';
  const { words } = column;
  if (isText) {
    const test = decimalTest(value.trim(), signed);
    return row => test(words.low(row), words.high(row)) === (op === 'contains');
  }
  const wanted = parseInteger(value);
  return wanted === null ? fractionTest(words, signed, { op, value }) : wordsTest(words, signed, { op, value: wanted });
}

/** `>= 1.5` on an integer column: compared with the whole number that decides the same. */
function fractionTest(
  words: Words,
  signed: boolean,
  { op, value }: { op: keyof typeof keeps; value: string }
): RowTest {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return op === '!=' ? () => true : never;
  if (Number.isInteger(number)) return wordsTest(words, signed, { op, value: BigInt(number) });
  if (op === '=' || op === '!=') return op === '!=' ? () => true : never;
  const below = BigInt(Math.floor(number));
  return op === '<' || op === '<='
    ? wordsTest(words, signed, { op: '<=', value: below })
    : wordsTest(words, signed, { op: '>', value: below });
}

function floatTest(value: (row: Row) => number, op: keyof typeof keeps, wanted: number): RowTest {
  const keep = keeps[op];
  return row => {
    const found = value(row);
    return keep(found === wanted ? 'eq' : found < wanted ? 'lt' : found > wanted ? 'gt' : 'none');
  };
}

function textColumnTest(column: Extract<Column, { kind: 'text' }>, filter: WindowFilter): RowTest {
  const { source } = column;
  if (source.kind === 'chars') {
    const fast = charsTest(source, filter);
    if (fast) return fast;
  }
  const test = textTest(filter.op, filter.value);
  if (source.kind === 'number') {
    const wanted = parseInteger(filter.value);
    const isText = filter.op === 'contains' || filter.op === 'not contains';
    // Pointers and enums can also be compared by their number.
    if (wanted !== null && !isText) {
      return wordsTest(source.words, source.signed, { op: filter.op as keyof typeof keeps, value: wanted });
    }
    return memoizedTest(source.words, column.text, test);
  }
  return row => test(column.text(row));
}
