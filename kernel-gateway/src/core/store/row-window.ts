/** Rows as the wire wants them: binary buffers per column for windows, strings for snapshots and text. */
import type { ColumnSpec, SnapshotCell } from '../../protocol/index.js';
import type { Column, Row } from '../decode/column.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';
import { wordsToText } from '../decode/integer-words.js';
import type { RowChunks } from './row-chunks.js';
import { textTable } from './text-table.js';

/** One buffer of 8 bytes per row, or u32 offsets (count + 1) and UTF-8 for text (protocol/store.ts). */
export function columnBuffers(rows: RowChunks, column: Column, numbers: number[]): Uint8Array[] {
  const row = rows.makeRow();
  if (column.kind === 'text') {
    return textBuffers(
      numbers.map(number => {
        rows.seek(row, number);
        return column.text(row);
      })
    );
  }
  const buffer = new Uint8Array(numbers.length * 8);
  const out = new DataView(buffer.buffer);
  numbers.forEach((number, index) => {
    rows.seek(row, number);
    if (column.kind === 'f64') {
      out.setFloat64(index * 8, column.value(row), true);
    } else {
      out.setUint32(index * 8, column.words.low(row), true);
      out.setUint32(index * 8 + 4, column.words.high(row), true);
    }
  });
  return [buffer];
}

function textBuffers(texts: string[]): Uint8Array[] {
  const offsets = new Uint8Array((texts.length + 1) * 4);
  const view = new DataView(offsets.buffer);
  const parts = texts.map(encodeUtf8);
  let length = 0;
  parts.forEach((part, index) => {
    length += part.length;
    view.setUint32((index + 1) * 4, length, true);
  });
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return [offsets, bytes];
}

/** The cell as text: numbers as decimal strings. */
export function cellText(column: Column, row: Row): SnapshotCell {
  if (column.kind === 'text') return column.text(row);
  if (column.kind === 'f64') return String(column.value(row));
  return wordsToText(column.words.low(row), column.words.high(row), column.kind === 'i64');
}

/** Cells of the rows of those numbers. */
export function cellRows(rows: RowChunks, columns: Column[], numbers: number[]): SnapshotCell[][] {
  const row = rows.makeRow();
  return numbers.map(number => {
    rows.seek(row, number);
    return columns.map(column => cellText(column, row));
  });
}

/** Local time of day of a `unix_ns` cell, with microseconds. */
function clockText(cell: string): string {
  const microseconds = BigInt(cell) / 1000n;
  const date = new Date(Number(microseconds / 1000n));
  const two = (value: number): string => String(value).padStart(2, '0');
  const fraction = String(microseconds % 1_000_000n).padStart(6, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
}

/** An aligned table; headers are the column names in capitals as command-line tools write them. */
export function rowsText(specs: ColumnSpec[], rows: SnapshotCell[][]): string {
  const shown = rows.map(cells =>
    cells.map((cell, index) => (specs[index]?.unit === 'unix_ns' ? clockText(cell) : cell))
  );
  const columns = specs.map(spec => ({
    header: spec.name.toUpperCase(),
    right: spec.kind !== 'text' && spec.unit !== 'unix_ns'
  }));
  return textTable(columns, shown);
}
