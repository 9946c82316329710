/** Rows as the wire wants them: binary buffers per column for windows, strings for snapshots and text. */
import type { ColumnSpec, SnapshotCell } from '../../protocol/index.js';
import type { Column, Row } from '../decode/column.js';
import { wordsToText } from '../decode/integer-words.js';
import { cellWriter, type CellWriter } from './cell-writer.js';
import type { RowChunks } from './row-chunks.js';
import { textTable } from './text-table.js';

/** Neighboring rows by number. */
interface RowRun {
  first: number;
  count: number;
}

/**
 * The cells of those rows, in column order: one buffer of 8 bytes per row, or u32 offsets (count + 1) and UTF-8 for text
 * (protocol/store.ts). A row is looked up once for all columns, and each chunk once.
 */
export function columnBuffers(rows: RowChunks, columns: Column[], wanted: RowRun | readonly number[]): Uint8Array[] {
  const count = 'first' in wanted ? wanted.count : wanted.length;
  const writers = columns.map(column => cellWriter(column, count));
  if ('first' in wanted) writeRun(rows, writers, wanted);
  else writeScattered(rows, writers, wanted);
  return writers.flatMap(writer => writer.buffers());
}

function writeRun(rows: RowChunks, writers: CellWriter[], { first, count }: RowRun): void {
  const row = rows.makeRow();
  rows.eachSpan(first, first + count, span => {
    const from = span.chunk.firstRow + span.from;
    const slow = writers.filter(writer => !writer.putSpan(span, from - first));
    if (slow.length === 0) return;
    for (let number = from; number < from + span.to - span.from; number++) {
      rows.seek(row, number);
      for (const writer of slow) writer.put(row, number - first);
    }
  });
}

/** In order of the rows, so that a chunk that is not in memory is read once. */
function writeScattered(rows: RowChunks, writers: CellWriter[], numbers: readonly number[]): void {
  const row = rows.makeRow();
  const order = Uint32Array.from(numbers, (_number, index) => index);
  order.sort((left, right) => (numbers[left] as number) - (numbers[right] as number));
  for (const index of order) {
    rows.seek(row, numbers[index] as number);
    for (const writer of writers) writer.put(row, index);
  }
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
