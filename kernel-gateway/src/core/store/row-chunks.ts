/**
 * Raw rows as they came, in chunks of bytes with an offset per row. Receiving copies a payload once and notes where its
 * records start; columns are read later, from the rows that somebody looks at.
 */
import { DATA_HEADER_BYTES, RECORD_HEADER_BYTES } from '../../protocol/index.js';
import type { Row } from '../decode/column.js';
import { brokenPayload, findRecords, RowChunk, type Batch } from './row-chunk.js';

/** Bounds of a store. The oldest rows are evicted one by one when there are more rows, by chunk when there are more bytes. */
export interface RowLimits {
  maxRows: number;
  /** In memory and spilled, together. */
  maxBytes: number;
  /** Bytes kept in memory when there is a spill; the rest is spilled. */
  memoryBytes: number;
}

/** Where full chunks go when memory is short. Calls are synchronous; whoever makes it disposes of its file. */
export interface ChunkSpill {
  /** Keeps the bytes under the number; false when there is no room for them. */
  put(chunk: number, bytes: Uint8Array): boolean;
  /** The bytes that were put, in memory of the caller's own; null when they cannot be read. */
  get(chunk: number): Uint8Array | null;
  drop(chunk: number): void;
}

/** Spilled rows cannot be read any more. They were evicted, with all that are older: whoever reads starts again. */
export class SpillLost extends Error {}

const CHUNK_BYTES = 4 * 1024 * 1024;
const FIRST_CHUNK_BYTES = 64 * 1024;

/** Rows of one chunk, [from, to) of its offsets. */
export interface RowSpan {
  chunk: RowChunk;
  from: number;
  to: number;
  /** No record is shorter than what readers read, so that its bytes can be read where they stand. */
  isWhole: boolean;
}

/** A row with its own room for a record that is shorter than its type. */
export interface ChunkRow extends Row {
  padded: Uint8Array;
  paddedView: DataView;
}

/** What came with a payload: `lost` is the stream's total so far. */
export interface PayloadSummary {
  rows: number;
  lost: bigint;
}

/** Rows in order of arrival; row numbers count from 0 over the life of the store and never change. */
export class RowChunks {
  #chunks: RowChunk[] = [];
  #nextChunk = 0;
  #bytes = 0;
  #first = 0;
  #end = 0;
  #lastLooked: RowChunk | null = null;
  readonly #limits: RowLimits;
  readonly #spill: ChunkSpill | null;
  /** Chunks of the spill that are in memory now. */
  readonly #loaded = new Set<RowChunk>();
  #isPinned = false;
  /** Readers of a row read up to so many bytes; shorter records are copied and followed by zeros. */
  #rowBytes = 0;

  constructor(options: { limits: RowLimits; rowBytes: number; spill: ChunkSpill | null }) {
    this.#limits = options.limits;
    this.#rowBytes = options.rowBytes;
    this.#spill = options.spill;
  }

  /** Number of the oldest row that is still there: so many were evicted. */
  get first(): number {
    return this.#first;
  }

  /** Number of the next row: so many have come. */
  get end(): number {
    return this.#end;
  }

  /** Bytes of records and offsets, in memory and spilled. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends all records of a DATA payload (protocol/agent-frames.ts); `timeOffsetNs` is added to the payload's time.
   * The payload, of the node of that number, is copied.
   *
   * @throws LabError BPFLAB_AGENT_PROTOCOL when a record ends after the payload; nothing is appended then.
   */
  append(payload: Uint8Array, timeOffsetNs: bigint, node = 0): PayloadSummary {
    if (payload.length < DATA_HEADER_BYTES) throw brokenPayload(payload.length);
    const header = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const time = BigInt.asUintN(64, header.getBigUint64(16, true) + timeOffsetNs);
    const body = payload.length - DATA_HEADER_BYTES;
    const lost = header.getBigUint64(8, true);
    if (body === 0) return { rows: 0, lost };
    const records = findRecords(header);
    const chunk = this.#roomFor(body);
    const before = chunk.size;
    chunk.append(payload, records, {
      seq: Number(header.getBigUint64(0, true)),
      timeLow: Number(time & 0xffffffffn),
      timeHigh: Number(time >> 32n),
      node
    });
    this.#end += records.count;
    this.#bytes += chunk.size - before;
    this.#keepLimits();
    return { rows: records.count, lost };
  }

  /** True when the other has the same bytes in the same rows; false also when they came in other payload sizes. */
  hasSameRows(other: RowChunks): boolean {
    if (this.#chunks.length !== other.#chunks.length || this.#end - this.#first !== other.#end - other.#first)
      return false;
    return this.#chunks.every((chunk, index) => {
      const twin = other.#chunks[index];
      return twin !== undefined && chunk.hasSameBytes(twin);
    });
  }

  /** Forgets all rows; numbers go on. */
  clear(): void {
    for (const chunk of this.#chunks) this.#drop(chunk);
    this.#chunks = [];
    this.#first = this.#end;
    this.#bytes = 0;
    this.#lastLooked = null;
  }

  /** Readers read up to so many bytes of a row from now on. Row objects that were made before are not valid any more. */
  setRowBytes(rowBytes: number): void {
    this.#rowBytes = rowBytes;
  }

  /** A row object for `seek`; every reader of a store has its own. */
  makeRow(): ChunkRow {
    const padded = new Uint8Array(this.#rowBytes);
    const paddedView = new DataView(padded.buffer);
    return { view: paddedView, bytes: padded, at: 0, length: 0, number: -1, padded, paddedView };
  }

  /** Moves `row` to the row of that number, which must be one of [first, end). */
  seek(row: ChunkRow, number: number): void {
    const chunk = this.#chunkOf(number);
    this.#place(row, chunk, number);
  }

  /** Calls `visit` for rows [from, to) in order; the row object is re-used. */
  scan(from: number, to: number, visit: (row: Row, number: number) => void): void {
    const row = this.makeRow();
    this.eachSpan(from, to, span => {
      const { firstRow } = span.chunk;
      for (let index = span.from; index < span.to; index++) {
        this.#place(row, span.chunk, firstRow + index);
        visit(row, firstRow + index);
      }
    });
  }

  /** Calls `visit` for the parts of rows [from, to) that stand in one chunk, in order; each is in memory until the next. */
  eachSpan(from: number, to: number, visit: (span: RowSpan) => void): void {
    for (let number = from; number < to;) {
      const chunk = this.#chunkOf(number);
      const stop = Math.min(to, chunk.firstRow + chunk.rows);
      const isWhole = chunk.shortest >= this.#rowBytes;
      visit({ chunk, from: number - chunk.firstRow, to: stop - chunk.firstRow, isWhole });
      number = stop;
    }
  }

  /** Sequence number of a row in its stream, and the time its payload was read, as halves of 64 bits. */
  batchOf(number: number): Batch {
    const chunk = this.#chunkOf(number);
    return chunk.batchOf(number - chunk.firstRow);
  }

  #place(row: ChunkRow, chunk: RowChunk, number: number): void {
    const view = chunk.view as DataView;
    const header = chunk.offsets[number - chunk.firstRow] as number;
    const length = view.getUint32(header, true);
    row.number = number;
    row.length = length;
    if (length >= this.#rowBytes) {
      row.view = view;
      row.bytes = chunk.bytes as Uint8Array;
      row.at = header + RECORD_HEADER_BYTES;
      return;
    }
    const start = header + RECORD_HEADER_BYTES;
    row.padded.fill(0, length);
    row.padded.set((chunk.bytes as Uint8Array).subarray(start, start + length));
    row.view = row.paddedView;
    row.bytes = row.padded;
    row.at = 0;
  }

  /** CPU that a record's header names (protocol/agent-frames.ts). */
  cpuOf(number: number): number {
    const chunk = this.#chunkOf(number);
    return (chunk.view as DataView).getUint32((chunk.offsets[number - chunk.firstRow] as number) + 4, true);
  }

  #chunkOf(number: number): RowChunk {
    const last = this.#lastLooked;
    if (last && number >= last.firstRow && number < last.firstRow + last.rows && last.bytes) return last;
    if (number < this.#first || number >= this.#end) throw new Error(`row ${number} is not in the store`);
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle] as RowChunk).firstRow <= number) low = middle;
      else high = middle - 1;
    }
    const chunk = this.#chunks[low] as RowChunk;
    if (!chunk.bytes) this.#load(chunk);
    this.#lastLooked = chunk;
    return chunk;
  }

  /**
   * While `work` runs, what it reads stays in memory: for sorts, which jump from row to row. That is up to `maxBytes`.
   */
  pinned<T>(work: () => T): T {
    this.#isPinned = true;
    try {
      return work();
    } finally {
      this.#isPinned = false;
      this.#unloadBut(null);
    }
  }

  /** One spilled chunk is in memory at a time, beside those that are not spilled. */
  #load(chunk: RowChunk): void {
    const packed = this.#spill?.get(chunk.id);
    if (!packed) {
      this.#evictThrough(this.#chunks.indexOf(chunk));
      throw new SpillLost();
    }
    chunk.restore(packed);
    this.#loaded.add(chunk);
    if (!this.#isPinned) this.#unloadBut(chunk);
  }

  #unloadBut(kept: RowChunk | null): void {
    for (const chunk of this.#loaded) {
      if (chunk === kept) continue;
      chunk.unload();
      this.#loaded.delete(chunk);
    }
  }

  #roomFor(size: number): RowChunk {
    const last = this.#chunks.at(-1);
    if (last?.hasRoom(size)) return last;
    // Small stores are many (a session has dozens), so that chunks grow with the store; and eviction takes whole chunks.
    const wanted = Math.min(FIRST_CHUNK_BYTES * 2 ** this.#chunks.length, CHUNK_BYTES, this.#limits.maxBytes / 8);
    const room = Math.max(size, Math.ceil(wanted));
    const chunk = new RowChunk(this.#nextChunk++, this.#end, room + (-room & 7));
    this.#chunks.push(chunk);
    this.#makeRoom();
    return chunk;
  }

  /** Full chunks go into the spill, the oldest first, until the rest fits. */
  #makeRoom(): void {
    if (!this.#spill) return;
    let inMemory = 0;
    for (const chunk of this.#chunks) if (!chunk.isSpilled) inMemory += chunk.memory;
    for (const chunk of this.#chunks.slice(0, -1)) {
      if (inMemory <= this.#limits.memoryBytes) return;
      if (chunk.isSpilled) continue;
      inMemory -= chunk.memory;
      if (!this.#putAway(chunk)) this.#evictThrough(this.#chunks.indexOf(chunk));
    }
  }

  /** When the spill takes no more, its oldest rows make room for newer ones; false when there are none. */
  #putAway(chunk: RowChunk): boolean {
    const packed = chunk.pack();
    while (!this.#spill?.put(chunk.id, packed)) {
      if (!this.#chunks[0]?.isSpilled) return false;
      this.#evictThrough(0);
    }
    chunk.isSpilled = true;
    chunk.unload();
    return true;
  }

  #evictThrough(index: number): void {
    for (const chunk of this.#chunks.splice(0, index + 1)) this.#drop(chunk);
    this.#first = Math.max(this.#first, this.#chunks[0]?.firstRow ?? this.#end);
  }

  #keepLimits(): void {
    while (this.#bytes > this.#limits.maxBytes && this.#chunks.length > 1) this.#evictThrough(0);
    this.#first = Math.max(this.#first, this.#end - this.#limits.maxRows);
    for (;;) {
      const oldest = this.#chunks[0];
      if (!oldest || this.#chunks.length === 1 || oldest.firstRow + oldest.rows > this.#first) return;
      this.#evictThrough(0);
    }
  }

  #drop(chunk: RowChunk): void {
    this.#bytes -= chunk.size;
    if (chunk.isSpilled) this.#spill?.drop(chunk.id);
    this.#loaded.delete(chunk);
    if (this.#lastLooked === chunk) this.#lastLooked = null;
    chunk.unload();
  }
}
