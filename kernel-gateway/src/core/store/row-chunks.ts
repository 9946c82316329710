/**
 * Raw rows as they came, in chunks of bytes with an offset per row. Receiving copies a payload once and notes where its
 * records start; columns are read later, from the rows that somebody looks at.
 */
import { LabError, DATA_HEADER_BYTES, RECORD_HEADER_BYTES } from '../../protocol/index.js';
import type { Row } from '../decode/column.js';

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
  /** Keeps the bytes under the number. May throw (disk full): the chunk is then evicted and counted. */
  put(chunk: number, bytes: Uint8Array): void;
  get(chunk: number): Uint8Array;
  drop(chunk: number): void;
}

/** One payload's rows: sequence number of the first, and the time of all of them, in nanoseconds, as two halves. */
interface Batch {
  row: number;
  seq: number;
  timeLow: number;
  timeHigh: number;
}

interface Chunk {
  id: number;
  firstRow: number;
  rows: number;
  /** Position of each row's record header. */
  offsets: Uint32Array;
  batches: Batch[];
  used: number;
  /** Null while it is only in the spill. */
  bytes: Uint8Array | null;
  view: DataView | null;
  spilled: boolean;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
const FIRST_CHUNK_BYTES = 64 * 1024;
const FIRST_OFFSETS = 1024;
/** A batch takes about this many bytes of memory beside its rows. */
const OFFSET_BYTES = 4;

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
  #chunks: Chunk[] = [];
  #nextChunk = 0;
  #bytes = 0;
  #first = 0;
  #end = 0;
  #lastLooked: Chunk | null = null;
  readonly #limits: RowLimits;
  readonly #spill: ChunkSpill | null;
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
   * The payload is copied.
   *
   * @throws LabError BPFLAB_AGENT_PROTOCOL when a record ends after the payload; nothing is appended then.
   */
  append(payload: Uint8Array, timeOffsetNs: bigint): PayloadSummary {
    if (payload.length < DATA_HEADER_BYTES) throw brokenPayload(payload.length);
    const header = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const time = BigInt.asUintN(64, header.getBigUint64(16, true) + timeOffsetNs);
    const body = payload.length - DATA_HEADER_BYTES;
    const lost = header.getBigUint64(8, true);
    if (body === 0) return { rows: 0, lost };
    const chunk = this.#roomFor(body);
    const rows = noteOffsets(chunk, header);
    chunk.bytes?.set(payload.subarray(DATA_HEADER_BYTES), chunk.used);
    chunk.batches.push({
      row: this.#end,
      seq: Number(header.getBigUint64(0, true)),
      timeLow: Number(time & 0xffffffffn),
      timeHigh: Number(time >> 32n)
    });
    chunk.used += body;
    chunk.rows += rows;
    this.#end += rows;
    this.#bytes += body + rows * OFFSET_BYTES;
    this.#keepLimits();
    return { rows, lost };
  }

  /** True when the other has the same bytes in the same rows; false also when they came in other payload sizes. */
  hasSameRows(other: RowChunks): boolean {
    if (this.#chunks.length !== other.#chunks.length || this.#end - this.#first !== other.#end - other.#first)
      return false;
    return this.#chunks.every((chunk, index) => {
      const twin = other.#chunks[index];
      return twin !== undefined && chunk.rows === twin.rows && hasSameBytes(chunk, twin);
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
    for (let number = from; number < to;) {
      const chunk = this.#chunkOf(number);
      const stop = Math.min(to, chunk.firstRow + chunk.rows);
      for (; number < stop; number++) {
        this.#place(row, chunk, number);
        visit(row, number);
      }
    }
  }

  /** Sequence number of a row in its stream, and the time its payload was read, as halves of 64 bits. */
  batchOf(number: number): { seq: number; timeLow: number; timeHigh: number } {
    const { batches } = this.#chunkOf(number);
    let low = 0;
    let high = batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((batches[middle] as Batch).row <= number) low = middle;
      else high = middle - 1;
    }
    const batch = batches[low] as Batch;
    return { seq: batch.seq + (number - batch.row), timeLow: batch.timeLow, timeHigh: batch.timeHigh };
  }

  #place(row: ChunkRow, chunk: Chunk, number: number): void {
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

  #chunkOf(number: number): Chunk {
    const last = this.#lastLooked;
    if (last && number >= last.firstRow && number < last.firstRow + last.rows && last.bytes) return last;
    if (number < this.#first || number >= this.#end) throw new Error(`row ${number} is not in the store`);
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle] as Chunk).firstRow <= number) low = middle;
      else high = middle - 1;
    }
    const chunk = this.#chunks[low] as Chunk;
    if (!chunk.bytes) this.#load(chunk);
    this.#lastLooked = chunk;
    return chunk;
  }

  /** One spilled chunk is in memory at a time, beside those that are not spilled. */
  #load(chunk: Chunk): void {
    const last = this.#lastLooked;
    if (last?.spilled) this.#unload(last);
    const bytes = this.#spill?.get(chunk.id) ?? new Uint8Array(chunk.used);
    chunk.bytes = bytes;
    chunk.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #unload(chunk: Chunk): void {
    chunk.bytes = null;
    chunk.view = null;
  }

  #roomFor(size: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last?.bytes && !last.spilled && last.used + size <= last.bytes.length) return last;
    // Small stores are many (a session has dozens), so that chunks grow with the store; and eviction takes whole chunks.
    const wanted = Math.min(FIRST_CHUNK_BYTES * 2 ** this.#chunks.length, CHUNK_BYTES, this.#limits.maxBytes / 8);
    const bytes = new Uint8Array(Math.max(size, Math.ceil(wanted)));
    const chunk: Chunk = {
      id: this.#nextChunk++,
      firstRow: this.#end,
      rows: 0,
      offsets: new Uint32Array(FIRST_OFFSETS),
      batches: [],
      used: 0,
      bytes,
      view: new DataView(bytes.buffer),
      spilled: false
    };
    this.#chunks.push(chunk);
    this.#spillOld();
    return chunk;
  }

  #spillOld(): void {
    if (!this.#spill) return;
    let inMemory = 0;
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const chunk = this.#chunks[index] as Chunk;
      if (chunk.spilled) break;
      inMemory += chunk.bytes?.length ?? 0;
      if (inMemory <= this.#limits.memoryBytes || index === this.#chunks.length - 1) continue;
      try {
        this.#spill.put(chunk.id, (chunk.bytes as Uint8Array).subarray(0, chunk.used));
      } catch {
        this.#evictThrough(index);
        return;
      }
      chunk.spilled = true;
      this.#unload(chunk);
    }
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

  #drop(chunk: Chunk): void {
    this.#bytes -= chunk.used + chunk.rows * OFFSET_BYTES;
    if (chunk.spilled) this.#spill?.drop(chunk.id);
    if (this.#lastLooked === chunk) this.#lastLooked = null;
    this.#unload(chunk);
  }
}

function brokenPayload(length: number): LabError {
  return new LabError('BPFLAB_AGENT_PROTOCOL', `A record of the agent ends after its payload of ${length} bytes.`);
}

/** Notes where each record of the payload will stand in the chunk; returns their number. */
function noteOffsets(chunk: Chunk, payload: DataView): number {
  const shift = chunk.used - DATA_HEADER_BYTES;
  const end = payload.byteLength;
  let { offsets } = chunk;
  let count = chunk.rows;
  let at = DATA_HEADER_BYTES;
  while (at < end) {
    if (at + RECORD_HEADER_BYTES > end) throw brokenPayload(end);
    if (count === offsets.length) {
      const longer = new Uint32Array(offsets.length * 2);
      longer.set(offsets);
      offsets = longer;
    }
    offsets[count++] = at + shift;
    const length = payload.getUint32(at, true);
    at += RECORD_HEADER_BYTES + length + (-length & 7);
  }
  if (at !== end) throw brokenPayload(end);
  chunk.offsets = offsets;
  return count - chunk.rows;
}

/** Records are multiples of 8 bytes, so that words can be compared. */
function hasSameBytes(left: Chunk, right: Chunk): boolean {
  if (left.used !== right.used || !left.bytes || !right.bytes) return false;
  const count = left.used >> 2;
  const leftWords = new Uint32Array(left.bytes.buffer, left.bytes.byteOffset, count);
  const rightWords = new Uint32Array(right.bytes.buffer, right.bytes.byteOffset, count);
  for (let index = 0; index < count; index++) if (leftWords[index] !== rightWords[index]) return false;
  return true;
}
