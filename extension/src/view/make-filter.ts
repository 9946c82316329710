import type { ColumnSpec, WindowFilter } from 'kernel-gateway/protocol';

/** Whether a value can be compared with a column's numbers: decimal, or hexadecimal for integers. */
function isValueFor(column: ColumnSpec, value: string): boolean {
  if (column.kind === 'text') {
    return true;
  }
  return column.kind === 'f64' ? Number.isFinite(Number(value)) : /^(-?\d+|0x[0-9a-f]+)$/i.test(value);
}

/** The condition that the fields describe, with a hexadecimal value in decimal; null when there is none (yet). */
export function makeFilter(column: ColumnSpec, op: WindowFilter['op'], value: string): WindowFilter | null {
  const text = value.trim();
  if (text === '' || !isValueFor(column, text)) {
    return null;
  }
  return { column: column.name, op, value: /^0x/i.test(text) && column.kind !== 'text' ? String(BigInt(text)) : text };
}
