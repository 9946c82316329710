/** Rows as the wire wants them: binary buffers per column for windows, strings for snapshots and text. */
import type { ColumnSpec, SnapshotCell } from '../../protocol/index.js';
import type { Column, Row } from '../decode/column.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';
import { wordsToText } from '../decode/integer-words.js';
import type { RowChunks } from './row-chunks.js';
import { textTable } from './text-table.js';

/** Takes one column's cells, row after row. */
interface CellWriter {
  put(row: Row, index: number): void;
  buffers(): Uint8Array[];
}

/**
 * The cells of those rows in column order: one buffer of 8 bytes per row, or u32 offsets (count + 1) and UTF-8 for text
 * (protocol/store.ts). A row is looked up once for all columns.
 */
export function columnBuffers(rows: RowChunks, columns: Column[], numbers: number[]): Uint8Array[] {
  const row = rows.makeRow();
  const writers = columns.map(column =>
    column.kind === 'text' ? new TextWriter(column, numbers.length) : new NumberWriter(column, numbers.length)
  );
  numbers.forEach((number, index) => {
    rows.seek(row, number);
    for (const writer of writers) writer.put(row, index);
  });
  return writers.flatMap(writer => writer.buffers());
}

class NumberWriter implements CellWriter {
  readonly #column: Exclude<Column, { kind: 'text' }>;
  readonly #buffer: Uint8Array;
  readonly #out: DataView;

  constructor(column: Exclude<Column, { kind: 'text' }>, count: number) {
    this.#column = column;
    this.#buffer = new Uint8Array(count * 8);
    this.#out = new DataView(this.#buffer.buffer);
  }

  put(row: Row, index: number): void {
    const column = this.#column;
    if (column.kind === 'f64') {
      this.#out.setFloat64(index * 8, column.value(row), true);
    } else {
      this.#out.setUint32(index * 8, column.words.low(row), true);
      this.#out.setUint32(index * 8 + 4, column.words.high(row), true);
    }
  }

  buffers(): Uint8Array[] {
    return [this.#buffer];
  }
}

const FIRST_TEXT_BYTES = 16;

class TextWriter implements CellWriter {
  readonly #column: Extract<Column, { kind: 'text' }>;
  readonly #offsets: Uint8Array;
  readonly #view: DataView;
  #bytes: Uint8Array;
  #used = 0;

  constructor(column: Extract<Column, { kind: 'text' }>, count: number) {
    this.#column = column;
    this.#offsets = new Uint8Array((count + 1) * 4);
    this.#view = new DataView(this.#offsets.buffer);
    this.#bytes = new Uint8Array(count * FIRST_TEXT_BYTES);
  }

  put(row: Row, index: number): void {
    if (!this.#putPlain(row)) {
      const part = encodeUtf8(this.#column.text(row));
      this.#need(part.length);
      this.#bytes.set(part, this.#used);
      this.#used += part.length;
    }
    this.#view.setUint32((index + 1) * 4, this.#used, true);
  }

  buffers(): Uint8Array[] {
    return [this.#offsets, this.#bytes.slice(0, this.#used)];
  }

  /** Characters of the record that are printable ASCII are their own text: no string is made of them. */
  #putPlain(row: Row): boolean {
    const { source } = this.#column;
    if (source.kind !== 'chars') return false;
    this.#need(source.size);
    const start = row.at + source.offset;
    const end = start + source.size;
    let used = this.#used;
    for (let at = start; at < end; at++) {
      const byte = row.bytes[at] ?? 0;
      if (byte === 0) break;
      if (byte < 0x20 || byte >= 0x7f) return false;
      this.#bytes[used++] = byte;
    }
    this.#used = used;
    return true;
  }

  #need(count: number): void {
    if (this.#used + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + count));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
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
