import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { MAX_WINDOW_ROWS, type WindowFilter } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { GridRows } from './grid-rows.js';
import { GridSelection } from './grid-selection.js';
import type { IGridEditing, IGridOptions, IGridState } from './grid-options.js';
import { GridTable, HEADER_PX, ROW_PX } from './grid-table.js';
import { NewRowsChip } from './new-rows-chip.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';
import { contentPx, scrollLayout, scrollTopFor, type IScrollLayout, type IScrollState } from './scroll-geometry.js';
import type { IViewContent } from './view-content.js';

const OVERSCAN_ROWS = 8;

/**
 * A table over any number of rows, of which only those in view exist. Header buttons sort; rows are selected with mouse
 * or arrow keys and copied with Ctrl+C as tab-separated text. It owns nothing of its source.
 */
export class GridWidget extends Widget implements IViewContent {
  constructor(options: IGridOptions) {
    super();
    this.addClass('jp-BpflabGrid');
    this._options = options;
    this._state = { ...options.state, follow: options.isStream && options.state.follow };
    this._rows = new GridRows(options, this._state, window => this._onWindow(window));
    this._table = new GridTable({
      ...options,
      isWide: options.isStream,
      onSort: column => this._cycleSort(column)
    });
    this._table.setSort(this._state.sort);
    this._empty = element('p', { class: 'jp-BpflabGrid-empty' }, options.emptyText);
    this._scroll = element(
      'div',
      { class: 'jp-BpflabGrid-scroll', 'data-lm-suppress-shortcuts': 'true' },
      this._table.node
    );
    this._chip = new NewRowsChip(options.trans, () => this._catchUp());
    this.node.append(this._scroll, this._empty, this._chip.node);
    this._scroll.addEventListener('scroll', () => this._onScroll(), { passive: true });
    this._selection = new GridSelection({
      table: this._table,
      state: () => {
        const state = this._scrollState();
        return {
          pageRows: Math.max(1, Math.floor(state.viewPx / ROW_PX) - 1),
          totalRows: state.totalRows,
          startRow: scrollLayout(state, 0).first
        };
      },
      actions: {
        reveal: row => (this._scroll.scrollTop = scrollTopFor(row, this._scrollState())),
        copy: () => this._copySelection(),
        edit: () => this.activeRow !== null && (this._editing?.edit(this.activeRow, null) ?? false),
        remove: () => this._editing?.remove() ?? false
      },
      isHeld: () => this._held,
      editCell: (row, column) => this._editing?.edit(row, column) ?? false,
      onChange: () => this._onSelection()
    });
    this._ask();
  }

  get followChanged(): Signal<this, boolean> {
    return this._followChanged;
  }

  /** Emitted when other rows are selected, and when the rows that are shown have changed. */
  get activeChanged(): Signal<this, void> {
    return this._activeChanged;
  }

  get whereChecked(): Signal<this, IRowWindow['whereError']> {
    return this._whereChecked;
  }

  get state(): IGridState {
    return this._state;
  }

  set editing(editing: IGridEditing) {
    this._editing = editing;
  }

  set follow(follow: boolean) {
    if (this._state.follow !== follow) {
      this._state.follow = follow;
      if (follow) {
        this._selection.select(null);
      }
      this._paused = follow ? false : this._paused;
      this._chip.start(follow ? null : (this._window?.total ?? '0'));
      this._needsRows = true;
      this._followChanged.emit(follow);
      this._ask();
    }
  }

  set paused(paused: boolean) {
    this._paused = paused;
    this._needsRows = true;
    this._chip.start(paused && this._options.isStream ? (this._window?.total ?? '0') : null);
    this._ask();
  }

  set onScreen(onScreen: boolean) {
    if (this._onScreen !== onScreen) {
      this._onScreen = onScreen;
      this._needsRows = true;
      this._draw();
      this._scrollBack();
      this._ask();
    }
  }

  set filters(filters: WindowFilter[]) {
    this._state.filters = filters;
    this._selection.select(null);
    this._needsRows = true;
    this._ask();
  }

  set where(where: string) {
    this._state.where = where;
    this._selection.select(null);
    this._needsRows = true;
    this._ask();
  }

  set extraColumns(columns: readonly string[]) {
    this._rows.extraColumns = columns;
    this._needsRows = true;
    this._ask();
  }

  /** While held, rows stay where they are: somebody writes into one. */
  set held(held: boolean) {
    this._held = held;
    if (!held && this._window !== null) {
      this._draw();
    }
  }

  set source(source: IRowSource) {
    this._rows.source = source;
    this._needsRows = true;
    this._ask();
    if (source.window !== null) {
      this._onWindow(source.window);
    }
  }

  get activeRow(): number | null {
    return this._selection.active;
  }

  /** Text of a cell, empty when the row is not at hand. */
  cell(row: number, column: string): string {
    const window = this._window;
    return window === null ? '' : window.cell(row - window.first, column);
  }

  cellNode(row: number, column: string): HTMLTableCellElement | null {
    return this._table.cellNode(row, column);
  }

  focusRows(): void {
    this._table.node.focus({ preventScroll: true });
  }

  /** Texts of one column of the selected rows, at most as many as a window has; none when no row is selected. */
  async selectedCells(column: string): Promise<string[]> {
    const { range } = this._selection;
    return range === null ? [] : this._askAgainAfter(this._rows.cells(range, column, this._window));
  }

  /** Tab-separated text of the selected rows, or of all that can be had at once when none is selected. */
  copyText(): Promise<string> {
    const total = this._window?.matching ?? 0;
    const range = this._selection.range ?? { first: 0, last: total - 1 };
    return this._askAgainAfter(this._rows.text(range, this._window));
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._rows.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._draw();
    this._scrollBack();
    this._ask();
  }

  /** A place that was left, as when the cell was out of the page; nobody sees it before it is on the screen. */
  private _scrollBack(): void {
    if (this._onScreen && this._scrollPx > 0) {
      this._scroll.scrollTop = this._scrollPx;
    }
  }

  /** Off the screen without a look at the page: that costs a layout of the whole notebook for each view of it. */
  private _scrollState(): IScrollState {
    const headerPx = this._options.isPlain ? 0 : HEADER_PX;
    const viewPx = this._onScreen ? this._scroll.clientHeight - headerPx : 0;
    return {
      totalRows: this._window?.matching ?? 0,
      rowPx: ROW_PX,
      viewPx: viewPx > 0 ? viewPx : this._options.visibleRows * ROW_PX,
      scrollTopPx: this._onScreen ? this._scroll.scrollTop : this._scrollPx
    };
  }

  /** Tells the source what is in view. A paused table of a stream asks for no rows, only how many there are. */
  private _ask(): void {
    const layout = scrollLayout(this._scrollState(), OVERSCAN_ROWS);
    const count = Math.max(layout.count, this._options.visibleRows + OVERSCAN_ROWS);
    const isStill = this._paused && !this._needsRows;
    const rows = isStill ? 0 : Math.min(count, MAX_WINDOW_ROWS);
    const isPaused = !this._onScreen || (isStill && !this._options.isStream);
    const follow = this._state.follow && !this._paused;
    this._rows.ask({ first: layout.first, count: rows, follow, paused: isPaused });
  }

  private _onWindow(window: IRowWindow): void {
    if (!this._onScreen) {
      this._window ??= window;
      this._draw();
      return;
    }
    this._chip.update(window.total);
    this._whereChecked.emit(window.whereError);
    const isStill = this._paused && !this._needsRows;
    const isCount = this._paused && window.count === 0 && window.matching > 0;
    if (isStill || isCount || window.whereError !== null) {
      return;
    }
    this._window = window;
    if (this._held) {
      return;
    }
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
    const isFollowing = this._state.follow && !this._paused;
    const state = this._scrollState();
    if (isFollowing) {
      state.scrollTopPx = contentPx(state);
    }
    const layout = scrollLayout(state, OVERSCAN_ROWS);
    this._drawn = layout;
    if (!this._onScreen) {
      // Only the place that it takes.
      this._table.sleep(layout);
      return;
    }
    this._table.draw(window, layout);
    this._selection.mark(layout.first);
    if (isFollowing) {
      this._scroll.scrollTop = this._scroll.scrollHeight;
      this._ownScrollPx = this._scrollPx = this._scroll.scrollTop;
    }
    this._activeChanged.emit();
  }

  private _onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this._scroll;
    if (scrollTop === this._ownScrollPx || !this._onScreen) {
      return;
    }
    this._ownScrollPx = -1;
    this._scrollPx = scrollTop;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 1;
    if (this._state.follow && !isAtEnd) {
      this.follow = false;
    }
    this._needsRows = true;
    this._ask();
    this._draw();
  }

  /** Follows new rows, whether it was paused or scrolled away. */
  private _catchUp(): void {
    this._state.follow = false;
    this.follow = true;
  }

  private _cycleSort(column: string): void {
    const { sort } = this._state;
    const isOther = sort?.column !== column;
    this._state.sort = isOther
      ? { column, descending: false }
      : sort.descending
        ? undefined
        : { column, descending: true };
    this._selection.select(null);
    this._needsRows = true;
    this._table.setSort(this._state.sort);
    this._ask();
  }

  private _onSelection(): void {
    if (this._selection.range !== null) {
      this.follow = false;
    }
    this._selection.mark(this._drawn?.first ?? 0);
    this._activeChanged.emit();
  }

  /** Text marked with the mouse is copied by the browser. */
  private _copySelection(): boolean {
    const isOwn = this._selection.range !== null && (document.getSelection()?.toString() ?? '') === '';
    if (isOwn) {
      void this.copyText().then(text => navigator.clipboard.writeText(text));
    }
    return isOwn;
  }

  /** Asks for the rows in view again when others have been fetched. */
  private async _askAgainAfter<T>(fetched: Promise<T>): Promise<T> {
    try {
      return await fetched;
    } finally {
      this._ask();
    }
  }

  private readonly _options: IGridOptions;
  private readonly _state: IGridState;
  private readonly _rows: GridRows;
  private readonly _table: GridTable;
  private readonly _scroll: HTMLDivElement;
  private readonly _empty: HTMLParagraphElement;
  private readonly _chip: NewRowsChip;
  private readonly _selection: GridSelection;
  private _editing: IGridEditing | null = null;
  private _window: IRowWindow | null = null;
  private _drawn: IScrollLayout | null = null;
  private _paused = false;
  private _onScreen = true;
  private _held = false;
  private _needsRows = true;
  private _ownScrollPx = -1;
  private _scrollPx = 0;
  private readonly _followChanged = new Signal<this, boolean>(this);
  private readonly _activeChanged = new Signal<this, void>(this);
  private readonly _whereChecked = new Signal<this, IRowWindow['whereError']>(this);
}
