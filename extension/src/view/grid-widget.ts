import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { MAX_WINDOW_ROWS, type ColumnSpec, type WindowFilter, type WindowRequest } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { rowsAsTsv } from './copy-rows.js';
import { GridTable, HEADER_PX, ROW_PX, type SortState } from './grid-table.js';
import { moveSelection, selectedRange, type IRowSelection, type SelectionKey } from './row-selection.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';
import { contentPx, scrollLayout, scrollTopFor, type IScrollLayout, type IScrollState } from './scroll-geometry.js';

const OVERSCAN_ROWS = 8;
const SELECTION_KEYS = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End']);

/** What a grid shows and how. */
export interface IGridOptions {
  columns: readonly ColumnSpec[];
  label: string;
  trans: TranslationBundle;
  source: IRowSource;
  /** Rows before it scrolls. */
  visibleRows: number;
  /** Start at the end and stay there. */
  follow: boolean;
  /** Lines of text without a header. */
  isPlain: boolean;
  /** As wide as the output when the last column is text. */
  isWide: boolean;
  /** Said when there are no rows. */
  emptyText: string;
}

/**
 * A table over any number of rows, of which only those in view exist. Header buttons sort; rows are selected with mouse
 * or arrow keys and copied with Ctrl+C as tab-separated text. It owns nothing of its source.
 */
export class GridWidget extends Widget {
  constructor(options: IGridOptions) {
    super();
    this.addClass('jp-BpflabGrid');
    this._options = options;
    this._follow = options.follow;
    this._source = options.source;
    this._table = new GridTable({ ...options, onSort: column => this._cycleSort(column) });
    this._empty = element('p', { class: 'jp-BpflabGrid-empty' }, options.emptyText);
    this._scroll = element(
      'div',
      { class: 'jp-BpflabGrid-scroll', 'data-lm-suppress-shortcuts': 'true' },
      this._table.node
    );
    this.node.append(this._scroll, this._empty);
    this._scroll.addEventListener('scroll', () => this._onScroll(), { passive: true });
    this._scroll.addEventListener('keydown', event => this._onKey(event));
    this._table.node.addEventListener('mousedown', event => this._onMouse(event));
    this._source.changed.connect(this._onWindow, this);
    this._ask();
  }

  /** Emitted when following stops or starts by scrolling. */
  get followChanged(): Signal<this, boolean> {
    return this._followChanged;
  }

  get follow(): boolean {
    return this._follow;
  }

  set follow(follow: boolean) {
    if (this._follow !== follow) {
      this._follow = follow;
      this._selection = follow ? null : this._selection;
      this._followChanged.emit(follow);
      this._ask();
    }
  }

  /** While paused, rows change only by scrolling, sorting and filtering. */
  set paused(paused: boolean) {
    this._paused = paused;
    this._needsRows = true;
    this._ask();
  }

  /** Off screen, nothing is asked for. */
  set onScreen(onScreen: boolean) {
    if (this._onScreen !== onScreen) {
      this._onScreen = onScreen;
      this._ask();
    }
  }

  set filters(filters: WindowFilter[]) {
    this._filters = filters;
    this._selection = null;
    this._needsRows = true;
    this._ask();
  }

  /** Goes on with other rows of the same view: a snapshot when its session ended, a store when it is there. */
  set source(source: IRowSource) {
    this._source.changed.disconnect(this._onWindow, this);
    this._source = source;
    source.changed.connect(this._onWindow, this);
    this._needsRows = true;
    this._ask();
    if (source.window !== null) {
      this._onWindow(source, source.window);
    }
  }

  /** Tab-separated text of the selected rows, or of all that can be had at once when none is selected. */
  async copyText(): Promise<string> {
    const total = this._window?.matching ?? 0;
    const range = this._selection ? selectedRange(this._selection) : { first: 0, last: total - 1 };
    const count = Math.min(range.last - range.first + 1, MAX_WINDOW_ROWS);
    const names = this._options.columns.map(({ name }) => name);
    const window = await this._fetch(range.first, count);
    return rowsAsTsv(window, names, { first: range.first, last: range.first + count - 1 });
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._source.changed.disconnect(this._onWindow, this);
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._draw();
    this._ask();
  }

  private _scrollState(): IScrollState {
    const headerPx = this._options.isPlain ? 0 : HEADER_PX;
    const viewPx = this._scroll.clientHeight - headerPx;
    return {
      totalRows: this._window?.matching ?? 0,
      rowPx: ROW_PX,
      viewPx: viewPx > 0 ? viewPx : this._options.visibleRows * ROW_PX,
      scrollTopPx: this._scroll.scrollTop
    };
  }

  /** Tells the source what is in view. */
  private _ask(): void {
    const layout = scrollLayout(this._scrollState(), OVERSCAN_ROWS);
    const count = Math.max(layout.count, this._options.visibleRows + OVERSCAN_ROWS);
    const isPaused = !this._onScreen || (this._paused && !this._needsRows);
    this._source.request(this._request(layout.first, Math.min(count, MAX_WINDOW_ROWS), isPaused));
  }

  private _request(first: number, count: number, paused: boolean): WindowRequest {
    return {
      type: 'window',
      first,
      count,
      follow: this._follow && !this._paused,
      ...(this._sort ? { sort: this._sort } : {}),
      filters: this._filters,
      paused
    };
  }

  private _onWindow(_: IRowSource, window: IRowWindow): void {
    if (this._fetching || !this._onScreen || (this._paused && !this._needsRows)) {
      return;
    }
    this._window = window;
    this._draw();
    if (this._paused) {
      this._needsRows = false;
      this._ask();
    }
  }

  private _draw(): void {
    const window = this._window;
    if (window === null || this.isDisposed) {
      return;
    }
    const shownRows = Math.min(window.matching, this._options.visibleRows);
    const headerPx = this._options.isPlain ? 0 : HEADER_PX;
    this._empty.hidden = window.matching > 0;
    this._scroll.hidden = window.matching === 0 && this._options.isPlain;
    // One pixel for the header's border; a horizontal scroll bar takes its place from the last row.
    this._scroll.style.height = `${shownRows * ROW_PX + headerPx + 1}px`;
    const state = this._scrollState();
    if (this._follow && !this._paused) {
      state.scrollTopPx = contentPx(state);
    }
    const layout = scrollLayout(state, OVERSCAN_ROWS);
    this._table.draw(window, layout);
    this._drawn = layout;
    this._markSelected();
    if (this._follow && !this._paused) {
      this._scrollTo(this._scroll.scrollHeight);
    }
  }

  private _scrollTo(topPx: number): void {
    this._scroll.scrollTop = topPx;
    this._ownScrollPx = this._scroll.scrollTop;
  }

  private _onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this._scroll;
    if (scrollTop === this._ownScrollPx) {
      return;
    }
    this._ownScrollPx = -1;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 1;
    if (this._follow && !isAtEnd) {
      this.follow = false;
    }
    this._needsRows = true;
    this._ask();
    this._draw();
  }

  private _cycleSort(column: string): void {
    const current: SortState = this._sort;
    if (current?.column !== column) {
      this._sort = { column, descending: false };
    } else {
      this._sort = current.descending ? undefined : { column, descending: true };
    }
    this._selection = null;
    this._needsRows = true;
    this._table.setSort(this._sort);
    this._ask();
  }

  private _isSelected(row: number): boolean {
    if (this._selection === null) {
      return false;
    }
    const { first, last } = selectedRange(this._selection);
    return row >= first && row <= last;
  }

  private _markSelected(): void {
    const active = this._selection?.active ?? null;
    this._table.markSelected(this._drawn?.first ?? 0, active, row => this._isSelected(row));
  }

  private _select(selection: IRowSelection | null): void {
    this._selection = selection;
    if (selection !== null) {
      this.follow = false;
    }
    this._markSelected();
  }

  private _onMouse(event: MouseEvent): void {
    const row = this._table.rowAt(event.target);
    if (row !== null && event.button === 0) {
      const anchor = event.shiftKey && this._selection ? this._selection.anchor : row;
      this._select({ anchor, active: row });
      this._table.node.focus({ preventScroll: true });
      if (event.shiftKey) {
        event.preventDefault();
      }
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const isControl = event.ctrlKey || event.metaKey;
    const isHandled = isControl ? this._onControlKey(event.key) : this._onPlainKey(event.key, event.shiftKey);
    if (isHandled) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  private _onPlainKey(key: string, extend: boolean): boolean {
    if (key === 'Escape' && this._selection !== null) {
      this._select(null);
      return true;
    }
    if (!SELECTION_KEYS.has(key)) {
      return false;
    }
    const state = this._scrollState();
    const selection = moveSelection(this._selection, key as SelectionKey, {
      extend,
      pageRows: Math.max(1, Math.floor(state.viewPx / ROW_PX) - 1),
      totalRows: state.totalRows,
      startRow: scrollLayout(state, 0).first
    });
    this._select(selection);
    if (selection !== null) {
      this._scroll.scrollTop = scrollTopFor(selection.active, this._scrollState());
    }
    return true;
  }

  private _onControlKey(key: string): boolean {
    if (key === 'a') {
      const total = this._window?.matching ?? 0;
      this._select(total === 0 ? null : { anchor: 0, active: total - 1 });
      return true;
    }
    if (key === 'c' && this._hasOwnSelectionOnly()) {
      void this.copyText().then(text => navigator.clipboard.writeText(text));
      return true;
    }
    return false;
  }

  /** Text marked with the mouse is copied by the browser. */
  private _hasOwnSelectionOnly(): boolean {
    return this._selection !== null && (document.getSelection()?.toString() ?? '') === '';
  }

  /** One window with these rows; the view is not drawn while it is on its way. */
  private async _fetch(first: number, count: number): Promise<IRowWindow> {
    const holds = (window: IRowWindow | null): window is IRowWindow =>
      window !== null &&
      window.first <= first &&
      window.first + window.count >= Math.min(first + count, window.matching);
    if (holds(this._window)) {
      return this._window;
    }
    this._fetching = true;
    try {
      return await new Promise(resolve => {
        const take = (_: IRowSource, window: IRowWindow): void => {
          if (holds(window)) {
            this._source.changed.disconnect(take);
            resolve(window);
          }
        };
        this._source.changed.connect(take);
        this._source.request({ ...this._request(first, count, false), follow: false });
      });
    } finally {
      this._fetching = false;
      this._ask();
    }
  }

  private readonly _options: IGridOptions;
  private readonly _table: GridTable;
  private readonly _scroll: HTMLDivElement;
  private readonly _empty: HTMLParagraphElement;
  private _source: IRowSource;
  private _window: IRowWindow | null = null;
  private _drawn: IScrollLayout | null = null;
  private _selection: IRowSelection | null = null;
  private _sort: SortState;
  private _filters: WindowFilter[] = [];
  private _follow: boolean;
  private _paused = false;
  private _onScreen = true;
  private _needsRows = true;
  private _fetching = false;
  private _ownScrollPx = -1;
  private readonly _followChanged = new Signal<this, boolean>(this);
}
