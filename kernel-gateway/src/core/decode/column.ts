import type { ColumnSpec } from '../../protocol/index.js';

/**
 * Where a reader looks: one record in its chunk. The same object is moved from row to row, so a reader must not keep it.
 * `length` is the record's own; readers may read up to the size of their type, which the store fills with zeros when a
 * record is shorter.
 */
export interface Row {
  view: DataView;
  bytes: Uint8Array;
  at: number;
  length: number;
  /** Counts from 0 over the store's life. */
  number: number;
}

/** Low or high 32 bits of a 64-bit value, both as unsigned numbers. */
type WordReader = (row: Row) => number;

/** 64 bits read as two halves, since a bigint per cell would cost more than everything else. */
export interface Words {
  low: WordReader;
  high: WordReader;
  /** Where the value stands when it is an integer of whole bytes: many rows can then be read without a call for each. */
  plain?: PlainInteger;
}

/** A little-endian integer in the record. */
export interface PlainInteger {
  offset: number;
  size: 1 | 2 | 4 | 8;
  signed: boolean;
}

/** Where the text of a column comes from, so that filters and sorts need not make the text of every row. */
export type TextSource =
  /** NUL-terminated bytes of the record. */
  | { kind: 'chars'; offset: number; size: number }
  /** A number whose text depends on nothing else (enum, bool, pointer); `names` are those of an enum's values. */
  | { kind: 'number'; words: Words; signed: boolean; names?: ReadonlyMap<string, bigint> }
  /** Values whose bytes say in what order they stand, such as arrays. */
  | { kind: 'bytes'; offset: number; size: number }
  /** Text that only its reader can make. */
  | { kind: 'text' };

/** A column with its compiled reader; `spec.kind` repeats `kind`. */
export type Column =
  | { kind: 'u64' | 'i64'; spec: ColumnSpec; words: Words }
  | { kind: 'f64'; spec: ColumnSpec; value: (row: Row) => number }
  | { kind: 'text'; spec: ColumnSpec; text: (row: Row) => string; source: TextSource };
