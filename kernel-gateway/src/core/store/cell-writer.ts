/** Cells of a window's columns, as the wire wants them (protocol/store.ts): numbers of 8 bytes, offsets and UTF-8 for text. */
import { RECORD_HEADER_BYTES } from '../../protocol/index.js';
import type { Column, PlainInteger, Row } from '../decode/column.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';
import type { RowSpan } from './row-chunks.js';

/** Takes one column's cells, each once, in any order. */
export interface CellWriter {
  put(row: Row, index: number): void;
  /** Takes the cells of neighboring rows from `index` on; false when they must be put one by one. */
  putSpan(span: RowSpan, index: number): boolean;
  buffers(): Uint8Array[];
}

/** A writer of `count` cells. */
export function cellWriter(column: Column, count: number): CellWriter {
  return column.kind === 'text' ? new TextWriter(column, count) : new NumberWriter(column, count);
}

class NumberWriter implements CellWriter {
  readonly #column: Exclude<Column, { kind: 'text' }>;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #words: Uint32Array;

  constructor(column: Exclude<Column, { kind: 'text' }>, count: number) {
    this.#column = column;
    this.#bytes = new Uint8Array(count * 8);
    this.#view = new DataView(this.#bytes.buffer);
    this.#words = new Uint32Array(this.#bytes.buffer);
  }

  put(row: Row, index: number): void {
    const column = this.#column;
    if (column.kind === 'f64') {
      this.#view.setFloat64(index * 8, column.value(row), true);
    } else {
      this.#words[index * 2] = column.words.low(row);
      this.#words[index * 2 + 1] = column.words.high(row);
    }
  }

  putSpan(span: RowSpan, index: number): boolean {
    const plain = this.#column.kind === 'f64' ? undefined : this.#column.words.plain;
    if (!plain || !span.isWhole) return false;
    if (plain.size >= 4 && plain.offset % 4 === 0) copyWords(span, plain, this.#words.subarray(index * 2));
    else copySmall(span, plain, this.#words.subarray(index * 2));
    return true;
  }

  buffers(): Uint8Array[] {
    return [this.#bytes];
  }
}

/** Records begin at multiples of 8 bytes, so that a field at a multiple of 4 is one or two words of the chunk. */
function copyWords({ chunk, from, to }: RowSpan, { offset, size, signed }: PlainInteger, out: Uint32Array): void {
  const words = chunk.words as Uint32Array;
  const { offsets } = chunk;
  const shift = (RECORD_HEADER_BYTES + offset) >> 2;
  let at = 0;
  if (size === 8) {
    for (let row = from; row < to; row++) {
      const word = ((offsets[row] as number) >> 2) + shift;
      out[at++] = words[word] as number;
      out[at++] = words[word + 1] as number;
    }
    return;
  }
  const sign = signed ? 31 : 0;
  for (let row = from; row < to; row++) {
    const word = words[((offsets[row] as number) >> 2) + shift] as number;
    out[at++] = word;
    out[at++] = sign === 0 ? 0 : word >> sign;
  }
}

function copySmall({ chunk, from, to }: RowSpan, { offset, size, signed }: PlainInteger, out: Uint32Array): void {
  const view = chunk.view as DataView;
  let at = 0;
  for (let row = from; row < to; row++) {
    const place = (chunk.offsets[row] as number) + RECORD_HEADER_BYTES + offset;
    const low = lowWord(view, place, { size, signed });
    out[at++] = low;
    out[at++] = size === 8 ? view.getUint32(place + 4, true) : signed ? low >> 31 : 0;
  }
}

function lowWord(view: DataView, at: number, { size, signed }: Pick<PlainInteger, 'size' | 'signed'>): number {
  if (size >= 4) return view.getUint32(at, true);
  if (size === 2) return signed ? view.getInt16(at, true) : view.getUint16(at, true);
  return signed ? view.getInt8(at) : view.getUint8(at);
}

const FIRST_TEXT_BYTES = 16;

class TextWriter implements CellWriter {
  readonly #column: Extract<Column, { kind: 'text' }>;
  /** Where each cell's text begins and ends in `#bytes`: cells may come in any order. */
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #bytes: Uint8Array;
  #used = 0;
  /** Cells have come in order and without gaps so far: their bytes are the buffer. */
  #inOrder = 0;

  constructor(column: Extract<Column, { kind: 'text' }>, count: number) {
    this.#column = column;
    this.#starts = new Uint32Array(count);
    this.#ends = new Uint32Array(count);
    this.#bytes = new Uint8Array(count * FIRST_TEXT_BYTES);
  }

  put(row: Row, index: number): void {
    const { source } = this.#column;
    const limit = source.kind === 'chars' ? (source.size > 0 ? source.size : row.length - source.offset) : -1;
    const start = row.at + (source.kind === 'chars' ? source.offset : 0);
    this.#putCell(index, { row, start, limit });
  }

  putSpan(span: RowSpan, index: number): boolean {
    const { source } = this.#column;
    if (source.kind !== 'chars' || source.size === 0 || !span.isWhole) return false;
    const { chunk, from, to } = span;
    const bytes = chunk.bytes as Uint8Array;
    const row: Row = { view: chunk.view as DataView, bytes, at: 0, length: 0, number: 0 };
    for (let at = from; at < to; at++) {
      row.at = (chunk.offsets[at] as number) + RECORD_HEADER_BYTES;
      row.number = chunk.firstRow + at;
      this.#putCell(index + at - from, { row, start: row.at + source.offset, limit: source.size });
    }
    return true;
  }

  buffers(): Uint8Array[] {
    const count = this.#starts.length;
    const offsets = new Uint32Array(count + 1);
    for (let index = 0; index < count; index++) {
      offsets[index + 1] = (offsets[index] as number) + (this.#ends[index] as number) - (this.#starts[index] as number);
    }
    const places = new Uint8Array(offsets.buffer);
    if (this.#inOrder === count) return [places, this.#bytes.slice(0, this.#used)];
    const bytes = new Uint8Array(offsets[count] as number);
    for (let index = 0; index < count; index++) {
      bytes.set(this.#bytes.subarray(this.#starts[index], this.#ends[index]), offsets[index]);
    }
    return [places, bytes];
  }

  /** `limit`: bytes that the text may have where it is characters of the record; else -1. */
  #putCell(index: number, { row, start, limit }: { row: Row; start: number; limit: number }): void {
    this.#starts[index] = this.#used;
    if (index === this.#inOrder) this.#inOrder++;
    if (limit < 0 || !this.#copyPlain(row.bytes, start, limit)) {
      const part = encodeUtf8(this.#column.text(row));
      this.#need(part.length);
      this.#bytes.set(part, this.#used);
      this.#used += part.length;
    }
    this.#ends[index] = this.#used;
  }

  /** Characters of the record that are printable ASCII are their own text: no string is made of them. */
  #copyPlain(bytes: Uint8Array, start: number, limit: number): boolean {
    this.#need(limit);
    const out = this.#bytes;
    const end = start + limit;
    let used = this.#used;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === 0) break;
      if (byte < 0x20 || byte >= 0x7f) return false;
      out[used++] = byte;
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
