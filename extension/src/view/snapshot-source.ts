import { Signal } from '@lumino/signaling';
import type { ViewBundle, WindowRequest } from 'kernel-gateway/protocol';
import { filterRows } from './row-filter.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';

/** The first `count` rows: what is asked of a view before its size on the screen is known. */
export const firstRows = (count: number): WindowRequest => ({
  type: 'window',
  first: 0,
  count,
  follow: false,
  filters: [],
  paused: false
});

/** The rows that were saved with the notebook; filtered and sorted here, since there is no kernel to ask. */
export class SnapshotSource implements IRowSource {
  constructor(bundle: ViewBundle) {
    this._bundle = bundle;
    this._request = firstRows(bundle.snapshot.rows.length);
    this._window = this._makeWindow();
  }

  get isLive(): boolean {
    return false;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get window(): IRowWindow {
    return this._window;
  }

  get changed(): Signal<this, IRowWindow> {
    return this._changed;
  }

  /** Takes a newer snapshot of the same view. */
  update(bundle: ViewBundle): void {
    this._bundle = bundle;
    this._publish();
  }

  request(request: WindowRequest): void {
    this._request = request;
    this._publish();
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _publish(): void {
    this._window = this._makeWindow();
    this._changed.emit(this._window);
  }

  private _makeWindow(): IRowWindow {
    const { columns, snapshot, state } = this._bundle;
    const rows = filterRows(columns, snapshot.rows, this._request);
    const last = Math.max(0, rows.length - this._request.count);
    const first = this._request.follow ? last : Math.min(this._request.first, rows.length);
    const shown = rows.slice(first, first + this._request.count);
    const index = new Map(columns.map((column, position) => [column.name, position]));
    return {
      first,
      count: shown.length,
      matching: rows.length,
      total: snapshot.total_rows,
      state,
      losses: snapshot.losses,
      histograms: snapshot.histograms ?? null,
      stacks: snapshot.stacks ?? null,
      history: null,
      whereError: null,
      cell: (row, column) => shown[row]?.[index.get(column) ?? -1] ?? ''
    };
  }

  private _bundle: ViewBundle;
  private _request: WindowRequest;
  private _window: IRowWindow;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, IRowWindow>(this);
}
