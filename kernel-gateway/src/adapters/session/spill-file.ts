import { closeSync, constants, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { ChunkSpill } from '../../core/store/row-chunks.js';

/** Bytes [at, at + size) of the file. */
interface Extent {
  at: number;
  size: number;
}

/**
 * Rows of one view that memory does not hold, in a file without a name: made in the folder at the first chunk and unlinked
 * at once, so that its space is given back whatever ends the gateway. Space of dropped chunks is used again; the file is
 * never longer than what the store's limits let it hold at once. Whoever makes it closes it.
 *
 * `onFull` hears once, with one sentence, that the file takes no more (disk full, folder gone): the store then keeps what
 * fits, drops its oldest rows and counts them.
 */
export class SpillFile implements ChunkSpill {
  readonly #folder: string;
  readonly #onFull: (sentence: string) => void;
  readonly #chunks = new Map<number, Extent>();
  /** In order of place, none next to another. */
  #free: Extent[] = [];
  #end = 0;
  #file: number | null = null;
  #isClosed = false;
  #isFull = false;

  constructor(options: { folder: string; onFull: (sentence: string) => void }) {
    this.#folder = options.folder;
    this.#onFull = options.onFull;
  }

  /** Bytes that the file takes on the disk at most. */
  get size(): number {
    return this.#end;
  }

  put(chunk: number, bytes: Uint8Array): boolean {
    if (this.#isClosed) return false;
    const extent = this.#take(bytes.length);
    try {
      this.#file ??= openUnlinked(this.#folder);
      writeAll(this.#file, bytes, extent.at);
    } catch (error) {
      this.#give(extent);
      if (this.#file !== null) this.#cut(this.#file);
      if (!this.#isFull) {
        this.#isFull = true;
        const cause = error instanceof Error ? error.message : String(error);
        this.#onFull(`older rows are dropped, since the disk keeps no more of them (${cause})`);
      }
      return false;
    }
    this.#chunks.set(chunk, extent);
    return true;
  }

  get(chunk: number): Uint8Array | null {
    const extent = this.#chunks.get(chunk);
    if (this.#file === null || extent === undefined) return null;
    const bytes = new Uint8Array(extent.size);
    try {
      for (let done = 0; done < bytes.length;) {
        const count = readSync(this.#file, bytes, done, bytes.length - done, extent.at + done);
        if (count === 0) return null;
        done += count;
      }
    } catch {
      return null;
    }
    return bytes;
  }

  drop(chunk: number): void {
    const extent = this.#chunks.get(chunk);
    if (extent === undefined) return;
    this.#chunks.delete(chunk);
    this.#give(extent);
  }

  /** Gives the file back; chunks cannot be read any more. */
  close(): void {
    this.#isClosed = true;
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#chunks.clear();
  }

  /** The first free place that is large enough, else the end of the file. */
  #take(size: number): Extent {
    const index = this.#free.findIndex(extent => extent.size >= size);
    const place = this.#free[index];
    if (place === undefined) {
      const at = this.#end;
      this.#end += size;
      return { at, size };
    }
    const { at } = place;
    place.at += size;
    place.size -= size;
    if (place.size === 0) this.#free.splice(index, 1);
    return { at, size };
  }

  #give(extent: Extent): void {
    const sorted = [...this.#free, { ...extent }].sort((left, right) => left.at - right.at);
    const joined: Extent[] = [];
    for (const one of sorted) {
      const last = joined.at(-1);
      if (last !== undefined && last.at + last.size === one.at) last.size += one.size;
      else joined.push(one);
    }
    const last = joined.at(-1);
    if (last !== undefined && last.at + last.size === this.#end) {
      this.#end = last.at;
      joined.pop();
    }
    this.#free = joined;
  }

  /** What a failed write has left behind the last chunk. */
  #cut(file: number): void {
    try {
      ftruncateSync(file, this.#end);
    } catch {
      // The space is given back when the file is closed.
    }
  }
}

function openUnlinked(folder: string): number {
  const path = join(folder, `.bpflab-rows-${randomUUID()}`);
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  unlinkSync(path);
  return file;
}

function writeAll(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, at + done);
}
