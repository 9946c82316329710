import { readWindow, type WindowCell } from '../session/read-window.js';
import type { StoreRows } from '../store/store-rows.js';
import type { ExportFormat } from './export-format.js';

/** Rows that are text in memory at a time. */
const ROWS_AT_ONCE = 2000;

/**
 * Rows as text, in pieces of bounded size. CSV is that of RFC 4180 with a row of column names; JSON has 64-bit integers as
 * decimal strings, as everywhere on the wire, doubles as numbers, and null for those that JSON has no number for.
 */
export function* exportText(rows: StoreRows, format: Exclude<ExportFormat, 'parquet'>): Generator<string> {
  const names = rows.columns.map(column => column.name);
  const write = writers[format](names);
  yield write.head;
  let isFirst = true;
  for (let from = 0; from < rows.count; from += ROWS_AT_ONCE) {
    const { count, buffers } = rows.read(from, ROWS_AT_ONCE);
    const cells = readWindow({ columns: rows.columns, count }, buffers);
    if (cells.length === 0) continue;
    yield (isFirst ? '' : write.between) + cells.map(write.row).join(write.between);
    isFirst = false;
  }
  yield isFirst ? write.tailWhenEmpty : write.tail;
}

interface TextWriter {
  head: string;
  row: (cells: readonly WindowCell[]) => string;
  between: string;
  tail: string;
  tailWhenEmpty: string;
}

const writers: Readonly<Record<Exclude<ExportFormat, 'parquet'>, (names: string[]) => TextWriter>> = {
  csv: names => ({
    head: csvRow(names),
    row: csvRow,
    ...{ between: '', tail: '', tailWhenEmpty: '' }
  }),
  json: names => ({ head: '[', row: objectOf(names), between: ',\n', tail: ']\n', tailWhenEmpty: ']\n' }),
  jsonl: names => ({ head: '', row: objectOf(names), between: '\n', tail: '\n', tailWhenEmpty: '' })
};

const csvRow = (cells: readonly WindowCell[]): string => `${cells.map(cell => csvCell(String(cell))).join(',')}\r\n`;

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** By hand, since a column may be named like a member that every object has. */
function objectOf(names: readonly string[]): (cells: readonly WindowCell[]) => string {
  const keys = names.map(name => JSON.stringify(name));
  return cells => `{${cells.map((cell, index) => `${keys[index]}:${jsonCell(cell)}`).join(',')}}`;
}

function jsonCell(cell: WindowCell): string {
  return typeof cell === 'bigint' ? `"${cell}"` : JSON.stringify(cell);
}
