import type { Row } from '../decode/column.js';
import type { ChunkRow, RowChunks } from './row-chunks.js';

/** Finds the rows of an earlier read of a map by their keys, which stand at the beginning of each row. */
export class PreviousRows {
  readonly chunks: RowChunks;
  readonly #keySize: number;
  readonly #row: ChunkRow;
  /** Number of the current row that was looked for last, and where it was found: columns ask one after the other. */
  #asked = -1;
  #found: ChunkRow | null = null;
  #node: number | null = null;
  /** Row plus one by hash of its key, in a table twice as large; made when maps have changed their order. */
  #table: Uint32Array | null = null;

  constructor(chunks: RowChunks, keySize: number) {
    this.chunks = chunks;
    this.#keySize = keySize;
    this.#row = chunks.makeRow();
  }

  /**
   * The row with the key of `row` of that node (null: there is one only), null when there was none. The same object is
   * moved from answer to answer.
   */
  find(row: Row, node: number | null): Row | null {
    if (row.number === this.#asked) return this.#found;
    // An entry mostly stands where it stood, or behind the one that was found last.
    const next = this.#found === null ? row.number : this.#found.number + 1;
    this.#asked = row.number;
    this.#node = node;
    this.#found = this.#isAt(row.number, row) || this.#isAt(next, row) || this.#isInTable(row) ? this.#row : null;
    return this.#found;
  }

  #isAt(number: number, row: Row): boolean {
    if (number < this.chunks.first || number >= this.chunks.end) return false;
    this.chunks.seek(this.#row, number);
    if (this.#node !== null && this.#node !== this.chunks.batchOf(number).node) return false;
    for (let index = 0; index < this.#keySize; index++) {
      if (this.#row.bytes[this.#row.at + index] !== row.bytes[row.at + index]) return false;
    }
    return true;
  }

  #isInTable(row: Row): boolean {
    const table = (this.#table ??= this.#makeTable());
    const mask = table.length - 1;
    for (let slot = this.#hash(row) & mask; table[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#isAt(this.chunks.first + (table[slot] as number) - 1, row)) return true;
    }
    return false;
  }

  #makeTable(): Uint32Array {
    const { first, end } = this.chunks;
    const table = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(16, (end - first) * 2))));
    const mask = table.length - 1;
    this.chunks.scan(first, end, (row, number) => {
      let slot = this.#hash(row) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = number - first + 1;
    });
    return table;
  }

  /** FNV-1a, then mixed: keys that count up differ in few bits. */
  #hash(row: Row): number {
    let hash = 0x811c9dc5;
    for (let index = 0; index < this.#keySize; index++) {
      hash = Math.imul(hash ^ (row.bytes[row.at + index] as number), 0x01000193);
    }
    return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 7;
  }
}
