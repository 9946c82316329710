import { MAX_WINDOW_ROWS, type WindowRequest } from 'kernel-gateway/protocol';
import { rowsAsTsv } from './copy-rows.js';
import { fetchRows } from './fetch-rows.js';
import type { IGridOptions, IGridState } from './grid-options.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';

/** Row numbers, both in it. */
interface IRowRange {
  first: number;
  last: number;
}

/** What of its rows a grid shows. */
interface IRowsInView {
  first: number;
  count: number;
  follow: boolean;
  paused: boolean;
}

/**
 * What a grid asks of its source: the rows in view, and aside from them those that are copied. It owns nothing of its source.
 */
export class GridRows {
  /**
   * Nothing is asked before `ask`.
   *
   * @param options - of the grid
   * @param state - order and filters, read at each request
   * @param onWindow - hears of every window for the rows in view
   */
  constructor(options: IGridOptions, state: Readonly<IGridState>, onWindow: (window: IRowWindow) => void) {
    this._options = options;
    this._state = state;
    this._onWindow = onWindow;
    this._source = options.source;
    this.extraColumns = options.extraColumns;
    this._source.changed.connect(this._onChanged, this);
  }

  /** Columns that are asked for and not shown. */
  extraColumns: readonly string[];

  get source(): IRowSource {
    return this._source;
  }

  set source(source: IRowSource) {
    this._source.changed.disconnect(this._onChanged, this);
    this._source = source;
    source.changed.connect(this._onChanged, this);
  }

  /** Says what is in view; left out while other rows are on their way. */
  ask({ first, count, follow, paused }: IRowsInView): void {
    if (!this._isFetching) {
      this._source.request({ ...this._request(first, count), follow, paused });
    }
  }

  /** Texts of one column of a range, at most as many as a window has. */
  async cells({ first, last }: IRowRange, column: string, known: IRowWindow | null): Promise<string[]> {
    const count = Math.min(last - first + 1, MAX_WINDOW_ROWS);
    const window = await this._fetch(first, count, known);
    return Array.from({ length: count }, (_, index) => window.cell(first + index - window.first, column));
  }

  /** A range as tab-separated text, at most as many rows as a window has. */
  async text({ first, last }: IRowRange, known: IRowWindow | null): Promise<string> {
    const count = Math.min(last - first + 1, MAX_WINDOW_ROWS);
    const window = await this._fetch(first, count, known);
    return rowsAsTsv(
      window,
      this._options.columns.map(({ name }) => name),
      { first, last: first + count - 1 }
    );
  }

  dispose(): void {
    this._source.changed.disconnect(this._onChanged, this);
  }

  private _request(first: number, count: number): WindowRequest {
    const { sort, filters, where } = this._state;
    return {
      type: 'window',
      first,
      count,
      follow: false,
      columns: [...new Set([...this._options.columns.map(({ name }) => name), ...this.extraColumns])],
      ...(sort ? { sort } : {}),
      filters,
      ...(where === '' ? {} : { where }),
      paused: false
    };
  }

  /** One window with these rows; no other one is told of while it is on its way. */
  private async _fetch(first: number, count: number, known: IRowWindow | null): Promise<IRowWindow> {
    this._isFetching = true;
    try {
      return await fetchRows(this._source, this._request(first, count), known);
    } finally {
      this._isFetching = false;
    }
  }

  private _onChanged(_: IRowSource, window: IRowWindow): void {
    if (!this._isFetching) {
      this._onWindow(window);
    }
  }

  private readonly _options: IGridOptions;
  private readonly _state: Readonly<IGridState>;
  private readonly _onWindow: (window: IRowWindow) => void;
  private _source: IRowSource;
  private _isFetching = false;
}
