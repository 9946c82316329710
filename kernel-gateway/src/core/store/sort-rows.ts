import type { ChunkRow, RowChunks } from './row-chunks.js';
import { orderWords, type SortKey } from './row-order.js';

/** Runs of equal first words that are shorter than this are sorted by comparing their rows. */
const SMALL_RUN = 32;

interface Scratch {
  low: Uint32Array;
  high: Uint32Array;
}

/** Compares rows of one store by a key; holds the two row objects that it needs. */
export class RowComparer {
  readonly #rows: RowChunks;
  readonly #key: SortKey;
  readonly #left: ChunkRow;
  readonly #right: ChunkRow;
  readonly #out = { low: new Uint32Array(2), high: new Uint32Array(2), at: 0 };

  constructor(rows: RowChunks, key: SortKey) {
    this.#rows = rows;
    this.#key = key;
    this.#left = rows.makeRow();
    this.#right = rows.makeRow();
  }

  /** Negative, 0 or positive, by words from `firstWord` on; rows by number. */
  compare(left: number, right: number, firstWord = 0): number {
    const { low, high } = this.#out;
    for (let word = firstWord; word < this.#key.words; word++) {
      this.#read(this.#left, left, { word, at: 0 });
      this.#read(this.#right, right, { word, at: 1 });
      const order = (high[0] as number) - (high[1] as number) || (low[0] as number) - (low[1] as number);
      if (order !== 0) return order;
      if (this.#key.isLast(low[0] as number)) return 0;
    }
    return 0;
  }

  #read(row: ChunkRow, number: number, { word, at }: { word: number; at: number }): void {
    this.#rows.seek(row, number);
    this.#out.at = at;
    this.#key.write(row, word, this.#out);
  }
}

/** Puts `numbers` (rows, as differences to `base`) into the order of the key, equal ones as they stood. In place. */
export function sortRows(rows: RowChunks, numbers: Uint32Array, base: number, key: SortKey): void {
  new RowSorter(rows, { base, key }).sort(numbers, 0);
}

class RowSorter {
  readonly #rows: RowChunks;
  readonly #base: number;
  readonly #key: SortKey;
  readonly #row: ChunkRow;
  readonly #comparer: RowComparer;

  constructor(rows: RowChunks, { base, key }: { base: number; key: SortKey }) {
    this.#rows = rows;
    this.#base = base;
    this.#key = key;
    this.#row = rows.makeRow();
    this.#comparer = new RowComparer(rows, key);
  }

  sort(numbers: Uint32Array, word: number): void {
    const scratch = this.#words(numbers, word);
    const order = orderWords(scratch.low, scratch.high, numbers.length);
    const before = numbers.slice();
    for (let index = 0; index < order.length; index++) numbers[index] = before[order[index] as number] as number;
    if (word + 1 < this.#key.words) this.#sortRuns(numbers, order, { scratch, word });
  }

  #words(numbers: Uint32Array, word: number): Scratch {
    const out = { low: new Uint32Array(numbers.length), high: new Uint32Array(numbers.length), at: 0 };
    const row = this.#row;
    for (let index = 0; index < numbers.length; index++) {
      this.#rows.seek(row, this.#base + (numbers[index] as number));
      out.at = index;
      this.#key.write(row, word, out);
    }
    return out;
  }

  #sortRuns(numbers: Uint32Array, order: Uint32Array, { scratch, word }: { scratch: Scratch; word: number }): void {
    const { low, high } = scratch;
    const count = numbers.length;
    for (let from = 0; from < count;) {
      const position = order[from] as number;
      let to = from + 1;
      while (to < count && low[order[to] as number] === low[position] && high[order[to] as number] === high[position])
        to++;
      if (to - from > 1 && !this.#key.isLast(low[position] as number)) {
        const run = numbers.subarray(from, to);
        if (to - from < SMALL_RUN) this.#sortSmall(run, word + 1);
        else this.sort(run, word + 1);
      }
      from = to;
    }
  }

  /** Insertion sort: stable, and nothing is allocated. */
  #sortSmall(run: Uint32Array, word: number): void {
    for (let index = 1; index < run.length; index++) {
      const number = run[index] as number;
      let at = index;
      while (at > 0 && this.#comparer.compare(this.#base + (run[at - 1] as number), this.#base + number, word) > 0) {
        run[at] = run[at - 1] as number;
        at--;
      }
      run[at] = number;
    }
  }
}
