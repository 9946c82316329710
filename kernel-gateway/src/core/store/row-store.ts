import type {
  ColumnSpec,
  HistogramSeries,
  Losses,
  Snapshot,
  StoreState,
  WindowMessage,
  WindowRequest
} from '../../protocol/index.js';
import { LabError, MAX_WINDOW_ROWS } from '../../protocol/index.js';
import type { Column } from '../decode/column.js';
import { SpillLost, type RowChunks } from './row-chunks.js';
import { RowIndexes } from './row-index.js';
import { cellRows, columnBuffers, rowsText } from './row-window.js';
import type { Store } from './store.js';
import { SelectedRows, type RowsRequest, type StoreRows } from './store-rows.js';

/** What the stores of rows share: windows, snapshots and text over chunks of raw rows and compiled columns. */
export abstract class RowStore implements Store {
  #columns: Column[] = [];
  /** The store's own, without those that `addColumns` makes. */
  #own: Column[] = [];
  #hidden: Column[] = [];
  readonly #makers: ((columns: readonly Column[]) => Column[])[] = [];
  #byName = new Map<string, Column>();
  #state: StoreState = 'live';
  #version = 0;
  #chunks: RowChunks;
  #indexes: RowIndexes;

  constructor(chunks: RowChunks) {
    this.#chunks = chunks;
    this.#indexes = this.#indexesOf(chunks);
  }

  protected get chunks(): RowChunks {
    return this.#chunks;
  }

  protected get indexes(): RowIndexes {
    return this.#indexes;
  }

  get columns(): ColumnSpec[] {
    return this.#columns.map(column => column.spec);
  }

  abstract get totalRows(): bigint;
  abstract get losses(): Losses;

  get state(): StoreState {
    return this.#state;
  }

  get version(): number {
    return this.#version;
  }

  window(request: WindowRequest): { message: WindowMessage; buffers: Uint8Array[] } {
    for (;;) {
      try {
        return this.#window(request);
      } catch (error) {
        if (!(error instanceof SpillLost)) throw error;
        this.#indexes.clear();
      }
    }
  }

  #window(request: WindowRequest): { message: WindowMessage; buffers: Uint8Array[] } {
    const selection = this.#indexes.select(request);
    const wanted = request.paused ? 0 : Math.min(request.count, MAX_WINDOW_ROWS);
    const latest = Math.max(0, selection.count - wanted);
    const first = request.follow ? latest : Math.min(request.first, selection.count);
    const count = Math.min(wanted, selection.count - first);
    const { runFrom } = selection;
    const rows =
      runFrom === undefined
        ? Array.from({ length: count }, (_unused, index) => selection.rowAt(first + index))
        : { first: runFrom + first, count };
    const columns = this.#chosen(request.columns);
    const histograms = request.paused ? null : this.histograms();
    const message: WindowMessage = {
      type: 'window',
      first,
      count,
      matching: String(selection.count),
      total: String(this.totalRows),
      columns: columns.map(column => ({ name: column.spec.name, kind: column.kind })),
      losses: this.losses,
      state: this.#state,
      ...(selection.whereError ? { where_error: selection.whereError } : {}),
      ...(histograms ? { histograms } : {})
    };
    return { message, buffers: columnBuffers(this.chunks, columns, rows) };
  }

  rows(request: RowsRequest): StoreRows {
    const selection = this.#indexes.select(request);
    const { whereError } = selection;
    if (whereError) throw new LabError('BPFLAB_VIEW_FILTER', `The filter cannot be read — ${whereError.message}`);
    return new SelectedRows(this.#chunks, this.#chosen(request.columns), selection);
  }

  snapshot(maxRows: number): Snapshot {
    const histograms = this.histograms();
    return {
      total_rows: String(this.totalRows),
      rows: cellRows(this.chunks, this.#columns, this.shownRows(maxRows)),
      losses: this.losses,
      ...(histograms ? { histograms } : {})
    };
  }

  text(maxRows: number): string {
    return rowsText(this.columns, cellRows(this.chunks, this.#columns, this.shownRows(maxRows)));
  }

  histograms(): HistogramSeries[] | null {
    return null;
  }

  end(): void {
    if (this.#state !== 'live') return;
    this.#state = 'ended';
    this.changed();
  }

  /** Frees the rows; windows are empty from then on. */
  drop(): void {
    this.#state = 'gone';
    this.chunks.clear();
    this.#indexes.clear();
    this.changed();
  }

  /** Numbers of the rows that a snapshot shows: the newest, oldest of them first. */
  protected shownRows(maxRows: number): number[] {
    const { first, end } = this.chunks;
    const from = Math.max(first, end - maxRows);
    return Array.from({ length: end - from }, (_unused, index) => from + index);
  }

  /**
   * Columns that somebody else reads from the same rows, behind the store's own; made anew whenever those change. `changed`
   * of the result says that their texts are other ones now.
   */
  addColumns(make: (columns: readonly Column[]) => Column[]): { changed(): void } {
    this.#makers.push(make);
    this.setColumns(this.#own, this.#hidden);
    return {
      changed: () => {
        this.#indexes.clear();
        this.changed();
      }
    };
  }

  /** `hidden` ones are in no window that does not name them. */
  protected setColumns(columns: Column[], hidden: Column[] = []): void {
    this.#own = columns;
    this.#hidden = hidden;
    this.#columns = this.#makers.reduce<Column[]>((all, make) => [...all, ...make(all)], columns);
    this.#byName = new Map([...this.#columns, ...hidden].map(column => [column.spec.name, column]));
    this.#indexes.clear();
    this.changed();
  }

  /** Shows other rows from now on; those of before stay for whoever reads them still. */
  protected replaceChunks(chunks: RowChunks): void {
    this.#chunks = chunks;
    this.#indexes = this.#indexesOf(chunks);
    this.changed();
  }

  protected changed(): void {
    this.#version++;
  }

  #indexesOf(chunks: RowChunks): RowIndexes {
    return new RowIndexes(chunks, { column: name => this.#byName.get(name), names: () => [...this.#byName.keys()] });
  }

  #chosen(names: string[] | undefined): Column[] {
    if (!names) return this.#columns;
    return names.flatMap(name => this.#byName.get(name) ?? []);
  }
}
