import type { ColumnSpec } from 'kernel-gateway/protocol';
import { plainText } from './plain-text.js';
import { explainQuantity } from './quantity.js';

/** Of a cell's text, more are not shown; the clipboard has all of them. */
const MAX_CHARACTERS = 1000;
/** Unit of columns that hold nanoseconds since 1970. */
const UNIX_NS = 'unix_ns';

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');

/** Local wall-clock time to the microsecond: `08:31:12.123456`. */
function clockTime(unixNs: string): string {
  const ns = BigInt(unixNs);
  const date = new Date(Number(ns / 1_000_000n));
  const micros = Number((ns / 1000n) % 1_000_000n);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(micros, 6)}`;
}

/** A cell as it is shown: times of day for `unix_ns`, everything else as the store has it. */
export function cellText(value: string, column: Pick<ColumnSpec, 'unit'>): string {
  if (column.unit === UNIX_NS && /^\d+$/.test(value)) {
    return clockTime(value);
  }
  return plainText(value.length > MAX_CHARACTERS ? `${value.slice(0, MAX_CHARACTERS)}…` : value);
}

/** What a cell's value means, for its tooltip; empty when it says it already. */
export function cellTitle(value: string, column: Pick<ColumnSpec, 'unit'>): string {
  if (column.unit === UNIX_NS && /^\d+$/.test(value)) {
    return `${new Date(Number(BigInt(value) / 1_000_000n)).toISOString()} · ${value} ns`;
  }
  return explainQuantity(value, column.unit);
}

/** The unit that stands beside a column's name; none where the cells show it. */
export const headerUnit = (column: Pick<ColumnSpec, 'unit'>): string => (column.unit === UNIX_NS ? '' : column.unit);
