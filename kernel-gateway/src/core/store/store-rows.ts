import type { ColumnSpec, WindowRequest } from '../../protocol/index.js';
import type { Column } from '../decode/column.js';
import { SpillLost, type RowChunks } from './row-chunks.js';
import type { RowSelection } from './row-index.js';
import { columnBuffers } from './row-window.js';

/** Which rows and columns somebody wants to take along; see `WindowRequest`. */
export type RowsRequest = Pick<WindowRequest, 'sort' | 'filters' | 'where' | 'columns'>;

/**
 * Rows of a store as they were when they were asked for, however it goes on: for exports, which take longer than a window.
 * What a bounded store evicts meanwhile is left out, and counted.
 */
export interface StoreRows {
  readonly columns: ColumnSpec[];
  /** Rows in all, 0 ≤ index < count. */
  readonly count: number;
  /** Rows that were evicted before they were read. */
  readonly missing: number;
  /** Buffers of the columns (protocol/store.ts) of rows [from, from + most) that are still there. */
  read(from: number, most: number): { count: number; buffers: Uint8Array[] };
}

/** Rows of chunks; takes 8 bytes of memory for each row unless they stand as they came. */
export class SelectedRows implements StoreRows {
  readonly columns: ColumnSpec[];
  readonly count: number;
  readonly #chunks: RowChunks;
  readonly #columns: Column[];
  readonly #rowAt: (index: number) => number;
  #missing = 0;

  constructor(chunks: RowChunks, columns: Column[], selection: RowSelection) {
    const { runFrom, count } = selection;
    this.#chunks = chunks;
    this.#columns = columns;
    this.columns = columns.map(column => column.spec);
    this.count = count;
    if (runFrom === undefined) {
      const numbers = Float64Array.from({ length: count }, (_unused, index) => selection.rowAt(index));
      this.#rowAt = index => numbers[index] as number;
    } else {
      this.#rowAt = index => runFrom + index;
    }
  }

  get missing(): number {
    return this.#missing;
  }

  read(from: number, most: number): { count: number; buffers: Uint8Array[] } {
    const wanted = Math.max(0, Math.min(most, this.count - from));
    const all = Array.from({ length: wanted }, (_unused, index) => this.#rowAt(from + index));
    for (;;) {
      const numbers = all.filter(number => number >= this.#chunks.first && number < this.#chunks.end);
      try {
        const buffers = columnBuffers(this.#chunks, this.#columns, numbers);
        this.#missing += all.length - numbers.length;
        return { count: numbers.length, buffers };
      } catch (error) {
        if (!(error instanceof SpillLost)) throw error;
      }
    }
  }
}
