/** A part of a store: some megabytes of records as they came, where each begins, and when its payload was read. */
import { DATA_HEADER_BYTES, LabError, RECORD_HEADER_BYTES } from '../../protocol/index.js';

const FIRST_OFFSETS = 1024;
const FIRST_BATCHES = 16;
/** u32 row in the chunk, u32 time (low, high half), u32 node, f64 number of its first record in the stream. */
const BATCH_BYTES = 24;
const OFFSET_BYTES = 4;
const NO_OFFSETS = new Uint32Array(0);

/** One payload's rows: sequence number of the first, and the time of all of them, in nanoseconds, as two halves. */
export interface Batch {
  seq: number;
  timeLow: number;
  timeHigh: number;
  /** Number of the node that sent it; 0 where there is one only. */
  node: number;
}

/** The records that a payload holds, found in it but not yet taken over. */
export interface PayloadRecords {
  /** Ends of the records are checked; offsets are those of record headers in the payload. */
  offsets: Uint32Array;
  count: number;
  shortest: number;
}

/** Where rows of a chunk stand. All members are null or empty while the chunk is only in the spill. */
export class RowChunk {
  readonly id: number;
  readonly firstRow: number;
  rows = 0;
  /** Bytes of records, headers included; a multiple of 8. */
  used = 0;
  /** Position of each row's record header. */
  offsets: Uint32Array = new Uint32Array(FIRST_OFFSETS);
  bytes: Uint8Array | null;
  view: DataView | null;
  /** The same bytes as 32-bit numbers. */
  words: Uint32Array | null;
  /** Length of the shortest record. */
  shortest = Infinity;
  isSpilled = false;
  #batches: DataView = new DataView(new ArrayBuffer(FIRST_BATCHES * BATCH_BYTES));
  #batchCount = 0;
  /** The batch that was looked at last: rows are read in order. */
  #looked = 0;

  constructor(id: number, firstRow: number, room: number) {
    this.id = id;
    this.firstRow = firstRow;
    this.bytes = new Uint8Array(room);
    this.view = new DataView(this.bytes.buffer);
    this.words = new Uint32Array(this.bytes.buffer, 0, room >> 2);
  }

  /** Bytes of records, offsets and batches: what the chunk counts for in the limits of its store. */
  get size(): number {
    return this.used + this.rows * OFFSET_BYTES + this.#batchCount * BATCH_BYTES;
  }

  /** Bytes of memory that the chunk takes now. */
  get memory(): number {
    return this.bytes ? this.bytes.length + this.offsets.byteLength + this.#batches.byteLength : 0;
  }

  hasRoom(size: number): boolean {
    return this.bytes !== null && !this.isSpilled && this.used + size <= this.bytes.length;
  }

  /** Copies the records of a payload behind those that are there; the chunk has room for them. */
  append(payload: Uint8Array, { offsets, count, shortest }: PayloadRecords, batch: Batch): void {
    this.bytes?.set(payload.subarray(DATA_HEADER_BYTES), this.used);
    const wanted = this.rows + count;
    if (wanted > this.offsets.length) {
      const longer = new Uint32Array(Math.max(wanted, this.offsets.length * 2));
      longer.set(this.offsets);
      this.offsets = longer;
    }
    const shift = this.used - DATA_HEADER_BYTES;
    for (let index = 0; index < count; index++) this.offsets[this.rows + index] = (offsets[index] as number) + shift;
    this.#addBatch(batch);
    this.shortest = Math.min(this.shortest, shortest);
    this.rows += count;
    this.used += payload.length - DATA_HEADER_BYTES;
  }

  /** Number in its stream, and the time of its payload, of the row at that place in the chunk. */
  batchOf(index: number): Batch {
    const batches = this.#batches;
    const at = this.#batchAt(index);
    return {
      seq: batches.getFloat64(at + 16, true) + index - batches.getUint32(at, true),
      timeLow: batches.getUint32(at + 4, true),
      timeHigh: batches.getUint32(at + 8, true),
      node: batches.getUint32(at + 12, true)
    };
  }

  /** Everything of the chunk in one piece, which `restore` takes back. */
  pack(): Uint8Array {
    const batches = this.#batchCount * BATCH_BYTES;
    const packed = new Uint8Array(this.used + batches);
    packed.set((this.bytes as Uint8Array).subarray(0, this.used));
    packed.set(new Uint8Array(this.#batches.buffer, this.#batches.byteOffset, batches), this.used);
    return packed;
  }

  /** Frees the memory; what is known of the chunk beside its contents stays. */
  unload(): void {
    this.bytes = null;
    this.view = null;
    this.words = null;
    this.offsets = NO_OFFSETS;
    this.#batches = new DataView(new ArrayBuffer(0));
  }

  /** Takes what `pack` made. The bytes belong to the chunk from then on. */
  restore(packed: Uint8Array): void {
    // Numbers of 32 bits are read in place, which only works where memory is aligned for them.
    const bytes = packed.byteOffset % 8 === 0 ? packed : packed.slice();
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    this.#batches = new DataView(bytes.buffer, bytes.byteOffset + this.used, this.#batchCount * BATCH_BYTES);
    this.#looked = 0;
    const offsets = new Uint32Array(this.rows);
    for (let row = 0, at = 0; row < this.rows; row++) {
      offsets[row] = at;
      at += stepOf(this.view.getUint32(at, true));
    }
    this.offsets = offsets;
  }

  /** True when the other holds the same bytes; both are in memory. */
  hasSameBytes(other: RowChunk): boolean {
    const [left, right] = [this.words, other.words];
    if (this.used !== other.used || this.rows !== other.rows || !left || !right) return false;
    const count = this.used >> 2;
    for (let index = 0; index < count; index++) if (left[index] !== right[index]) return false;
    return true;
  }

  #addBatch({ seq, timeLow, timeHigh, node }: Batch): void {
    if (this.#batchCount * BATCH_BYTES === this.#batches.byteLength) {
      const longer = new Uint8Array(this.#batches.byteLength * 2);
      longer.set(new Uint8Array(this.#batches.buffer));
      this.#batches = new DataView(longer.buffer);
    }
    const at = this.#batchCount++ * BATCH_BYTES;
    this.#batches.setUint32(at, this.rows, true);
    this.#batches.setUint32(at + 4, timeLow, true);
    this.#batches.setUint32(at + 8, timeHigh, true);
    this.#batches.setUint32(at + 12, node, true);
    this.#batches.setFloat64(at + 16, seq, true);
  }

  #batchAt(index: number): number {
    const from = (batch: number): number => this.#batches.getUint32(batch * BATCH_BYTES, true);
    const isIn = (batch: number): boolean =>
      from(batch) <= index && (batch + 1 === this.#batchCount || index < from(batch + 1));
    if (this.#looked >= this.#batchCount || !isIn(this.#looked)) {
      let low = 0;
      let high = this.#batchCount - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (from(middle) <= index) low = middle;
        else high = middle - 1;
      }
      this.#looked = low;
    }
    return this.#looked * BATCH_BYTES;
  }
}

/** From one record's header to the next. */
function stepOf(length: number): number {
  return RECORD_HEADER_BYTES + length + (-length & 7);
}

let scratch = new Uint32Array(FIRST_OFFSETS);

/**
 * Finds the records of a DATA payload (protocol/agent-frames.ts). The result is only valid until the next call.
 *
 * @throws LabError BPFLAB_AGENT_PROTOCOL when a record ends after the payload
 */
export function findRecords(payload: DataView): PayloadRecords {
  const end = payload.byteLength;
  let offsets = scratch;
  let count = 0;
  let shortest = Infinity;
  let at = DATA_HEADER_BYTES;
  while (at < end) {
    if (at + RECORD_HEADER_BYTES > end) throw brokenPayload(end);
    if (count === offsets.length) {
      const longer = new Uint32Array(offsets.length * 2);
      longer.set(offsets);
      offsets = scratch = longer;
    }
    offsets[count++] = at;
    const length = payload.getUint32(at, true);
    if (length < shortest) shortest = length;
    at += stepOf(length);
  }
  if (at !== end) throw brokenPayload(end);
  return { offsets, count, shortest };
}

/** A payload that is no payload. */
export function brokenPayload(length: number): LabError {
  return new LabError('BPFLAB_AGENT_PROTOCOL', `A record of the agent ends after its payload of ${length} bytes.`);
}
