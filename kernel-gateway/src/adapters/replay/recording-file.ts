import { closeSync, openSync, readSync } from 'node:fs';
import {
  decodeFront,
  decodeHeader,
  decodeRecordHeader,
  FILE_FRONT_BYTES,
  RECORD_HEADER_BYTES,
  unreadable,
  type RecordedBytes,
  type RecordingHeader
} from './recording-format.js';

const BLOCK_BYTES = 256 * 1024;

/** A record and the byte of the file at which it begins. */
export type PlacedRecord = RecordedBytes & { offset: number };

/** A recording on the disk, read piece by piece: one of any size takes a block of memory for each reader. */
export class RecordingFile {
  readonly header: RecordingHeader;
  readonly #descriptor: number;
  readonly #start: number;
  #isClosed = false;

  /**
   * Opens a file; whoever opens it closes it.
   *
   * @throws LabError `BPFLAB_TARGET_START` when it cannot be read, is no recording, or of another version
   */
  constructor(path: string) {
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (error) {
      throw unreadable(`${path}: ${(error as NodeJS.ErrnoException).code ?? 'it cannot be opened'}`, error);
    }
    try {
      const length = decodeFront(this.#read(0, FILE_FRONT_BYTES));
      this.header = decodeHeader(this.#read(FILE_FRONT_BYTES, length));
      this.#start = FILE_FRONT_BYTES + length;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Reads records in order, from the one at `offset` or from the first. */
  cursor(offset = this.#start): RecordCursor {
    return new RecordCursor(offset, (at, count) => this.#read(at, count));
  }

  /** The same in one block of memory: the bytes of a record are gone with the next one. */
  scan(): RecordCursor {
    let block = Buffer.alloc(0);
    return new RecordCursor(this.#start, (at, count) => {
      if (block.length < count) block = Buffer.allocUnsafe(count);
      return this.#fill(block.subarray(0, count), at);
    });
  }

  /** The record at a place that a cursor gave; null when the file has been cut since. */
  recordAt(offset: number): PlacedRecord | null {
    const front = this.#read(offset, RECORD_HEADER_BYTES);
    if (front.length < RECORD_HEADER_BYTES) return null;
    const { byteCount, ...record } = decodeRecordHeader(front, offset);
    const bytes = this.#read(offset + RECORD_HEADER_BYTES, byteCount);
    return bytes.length < byteCount ? null : { ...record, bytes, offset };
  }

  close(): void {
    if (!this.#isClosed) closeSync(this.#descriptor);
    this.#isClosed = true;
  }

  /** Less than `count` bytes at the file's end, none when it is closed. */
  #read(at: number, count: number): Buffer {
    return this.#fill(Buffer.allocUnsafe(count), at);
  }

  /** The part of `bytes` that could be filled. */
  #fill(bytes: Buffer, at: number): Buffer {
    if (this.#isClosed) return bytes.subarray(0, 0);
    let filled = 0;
    while (filled < bytes.length) {
      const more = readSync(this.#descriptor, bytes, filled, bytes.length - filled, at + filled);
      if (more === 0) break;
      filled += more;
    }
    return bytes.subarray(0, filled);
  }
}

/** A place in a recording that moves forward. */
export class RecordCursor {
  readonly #read: (at: number, count: number) => Buffer;
  #block = Buffer.alloc(0);
  #blockOffset: number;
  #at = 0;

  constructor(offset: number, read: (at: number, count: number) => Buffer) {
    this.#blockOffset = offset;
    this.#read = read;
  }

  /** The next whole record, null at the end. Its bytes are a view of a block; only that of `scan` is written again. @throws LabError when it is damaged */
  next(): PlacedRecord | null {
    if (!this.#has(RECORD_HEADER_BYTES)) return null;
    const offset = this.#blockOffset + this.#at;
    const front = this.#block.subarray(this.#at, this.#at + RECORD_HEADER_BYTES);
    const { byteCount, ...record } = decodeRecordHeader(front, offset);
    if (!this.#has(RECORD_HEADER_BYTES + byteCount)) return null;
    const start = this.#at + RECORD_HEADER_BYTES;
    this.#at = start + byteCount;
    return { ...record, offset, bytes: this.#block.subarray(start, this.#at) };
  }

  /** Whether so many bytes stand at the present place; reads on when the block ends before. */
  #has(count: number): boolean {
    if (this.#at + count > this.#block.length) {
      this.#blockOffset += this.#at;
      this.#at = 0;
      this.#block = this.#read(this.#blockOffset, Math.max(count, BLOCK_BYTES)) as Buffer<ArrayBuffer>;
    }
    return this.#block.length >= count;
  }
}
