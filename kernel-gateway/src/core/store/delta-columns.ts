import { MAP_DELTA_PREFIX } from '../../protocol/index.js';
import type { Column, Row } from '../decode/column.js';

/** Finds the entry of the same key at the read before: null when there was none, undefined when there was no read. */
export type PreviousEntry = (row: Row) => Row | null | undefined;

/**
 * One column for each number of a map's value: what it gained since the read before, modulo 2^64 as a signed number. An
 * entry that was not there has gained its value; without an earlier read nothing is gained.
 */
export function deltaColumns(columns: readonly Column[], previous: PreviousEntry): Column[] {
  return columns.flatMap(column => {
    if (column.kind === 'text' || column.spec.role !== 'value') return [];
    const { name, unit } = column.spec;
    const spec = { name: MAP_DELTA_PREFIX + name, c_type: '', unit, role: 'value' as const };
    if (column.kind === 'f64') {
      const value = (row: Row): number => column.value(row) - numberBefore(column.value, row, previous);
      return { kind: 'f64' as const, spec: { ...spec, kind: 'f64' as const }, value };
    }
    const { low, high } = column.words;
    const lowOf = (row: Row): number => low(row) - numberBefore(low, row, previous);
    const words = {
      low: (row: Row) => lowOf(row) >>> 0,
      high: (row: Row) => (high(row) - numberBefore(high, row, previous) - (lowOf(row) < 0 ? 1 : 0)) >>> 0
    };
    return { kind: 'i64' as const, spec: { ...spec, kind: 'i64' as const }, words };
  });
}

function numberBefore(read: (row: Row) => number, row: Row, previous: PreviousEntry): number {
  const before = previous(row);
  if (before === undefined) return read(row);
  return before === null ? 0 : read(before);
}
