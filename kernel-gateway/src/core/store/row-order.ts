/**
 * Sort keys: every column's values as one or more 64-bit words whose unsigned order is the column's order. Radix sort
 * over them puts a million rows in order in some tens of milliseconds, exactly, and keeps equal rows in order of arrival.
 */
import type { Column, Row, TextSource } from '../decode/column.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';

/** Words of a row's sort key; equal keys mean equal rows. */
export interface SortKey {
  words: number;
  /** True when rows with this word in common are equal: a text has ended in it. */
  isLast(low: number): boolean;
  /** Writes word `index` of the row's key into `out[at]` (low) and `out[at + 1]` (high). */
  write(row: Row, index: number, out: { low: Uint32Array; high: Uint32Array; at: number }): void;
}

const SIGN = 0x80000000;

function charsKey(source: Extract<TextSource, { kind: 'chars' }>): SortKey {
  const size = source.size > 0 ? source.size : 64;
  return {
    words: Math.ceil(size / 8),
    isLast: low => (low & 0xff) === 0,
    write(row, index, out) {
      const start = row.at + source.offset;
      const limit = source.size > 0 ? start + size : Math.min(start + size, row.at + row.length);
      let low = 0;
      let high = 0;
      let ended = false;
      // Bytes behind the NUL are no part of the text.
      for (let at = start; at < start + index * 8; at++) if (row.bytes[at] === 0) ended = true;
      for (let byte = 0; byte < 8; byte++) {
        const at = start + index * 8 + byte;
        const value = ended || at >= limit ? 0 : (row.bytes[at] ?? 0);
        if (value === 0) ended = true;
        if (byte < 4) high = (high << 8) | value;
        else low = (low << 8) | value;
      }
      out.low[out.at] = low;
      out.high[out.at] = high;
    }
  };
}

/** The sort key of a column. Values of arrays and the like stand in the order of their bytes. */
export function sortKeyOf(column: Column): SortKey {
  if (column.kind === 'f64') return floatKey(column.value);
  if (column.kind !== 'text') return wordsKey(column.words, column.kind === 'i64');
  const { source } = column;
  if (source.kind === 'chars') return charsKey(source);
  if (source.kind === 'text') return textKey(column.text);
  if (source.kind === 'number') return wordsKey(source.words, source.signed);
  return charsKeyOfBytes(source);
}

/** Text that has no bytes of its own in the record is ordered by its first 128 bytes of UTF-8. */
function textKey(text: (row: Row) => string): SortKey {
  return {
    words: 16,
    isLast: low => (low & 0xff) === 0,
    write(row, index, out) {
      const bytes = encodeUtf8(text(row));
      const byte = (at: number): number => bytes[index * 8 + at] ?? 0;
      out.high[out.at] = (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
      out.low[out.at] = (byte(4) << 24) | (byte(5) << 16) | (byte(6) << 8) | byte(7);
    }
  };
}

function wordsKey(words: { low(row: Row): number; high(row: Row): number }, signed: boolean): SortKey {
  const flip = signed ? SIGN : 0;
  return {
    words: 1,
    isLast: () => true,
    write(row, _index, out) {
      out.low[out.at] = words.low(row);
      out.high[out.at] = words.high(row) ^ flip;
    }
  };
}

function floatKey(value: (row: Row) => number): SortKey {
  const scratch = new DataView(new ArrayBuffer(8));
  return {
    words: 1,
    isLast: () => true,
    write(row, _index, out) {
      scratch.setFloat64(0, value(row), true);
      const low = scratch.getUint32(0, true);
      const high = scratch.getUint32(4, true);
      // IEEE doubles order like integers once negative ones are turned around.
      const negative = high >= SIGN;
      out.low[out.at] = negative ? ~low : low;
      out.high[out.at] = negative ? ~high : high ^ SIGN;
    }
  };
}

function charsKeyOfBytes(source: { offset: number; size: number }): SortKey {
  return {
    words: Math.max(1, Math.ceil(source.size / 8)),
    isLast: () => false,
    write(row, index, out) {
      let low = 0;
      let high = 0;
      for (let byte = 0; byte < 8; byte++) {
        const offset = index * 8 + byte;
        const value = offset < source.size ? row.view.getUint8(row.at + source.offset + offset) : 0;
        if (byte < 4) high = (high << 8) | value;
        else low = (low << 8) | value;
      }
      out.low[out.at] = low;
      out.high[out.at] = high;
    }
  };
}

const RADIX_BITS = 16;
const RADIX = 1 << RADIX_BITS;
/** Fewer rows than this are sorted by comparison: clearing the counters would cost more. */
const SMALL = 4096;

/** Stable order of positions [0, count) by their 64-bit words. */
export function orderWords(low: Uint32Array, high: Uint32Array, count: number): Uint32Array<ArrayBuffer> {
  let order = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  if (count < SMALL) {
    return order.sort((left, right) => compareWords(low, high, left, right) || left - right);
  }
  let other = new Uint32Array(count);
  const counts = new Uint32Array(RADIX);
  for (let pass = 0; pass < 4; pass++) {
    const words = pass < 2 ? low : high;
    const shift = (pass & 1) * RADIX_BITS;
    if (isConstantDigit(words, count, shift)) continue;
    counts.fill(0);
    for (let index = 0; index < count; index++) counts[((words[index] as number) >>> shift) & 0xffff]!++;
    let start = 0;
    for (let digit = 0; digit < RADIX; digit++) {
      const size = counts[digit] as number;
      counts[digit] = start;
      start += size;
    }
    for (let index = 0; index < count; index++) {
      const position = order[index] as number;
      const digit = ((words[position] as number) >>> shift) & 0xffff;
      other[counts[digit]!++] = position;
    }
    [order, other] = [other, order];
  }
  return order;
}

function isConstantDigit(words: Uint32Array, count: number, shift: number): boolean {
  const first = ((words[0] ?? 0) >>> shift) & 0xffff;
  for (let index = 1; index < count; index++)
    if ((((words[index] as number) >>> shift) & 0xffff) !== first) return false;
  return true;
}

function compareWords(low: Uint32Array, high: Uint32Array, left: number, right: number): number {
  return (high[left] as number) - (high[right] as number) || (low[left] as number) - (low[right] as number);
}
