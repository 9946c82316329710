import type { GridTable } from './grid-table.js';
import { onGridKey, type IGridKeyActions } from './grid-keys.js';
import { selectedRange, type IRowSelection } from './row-selection.js';

/** What a selection needs of its grid. */
export interface IGridSelectionOptions {
  table: GridTable;
  /** Row numbers as the keys need them. */
  state: () => { pageRows: number; totalRows: number; startRow: number };
  actions: Pick<IGridKeyActions, 'reveal' | 'copy' | 'edit' | 'remove'>;
  /** True while a row is written into: mouse and keys are the field's. */
  isHeld: () => boolean;
  /** A double click on a cell; true when it did something. */
  editCell: (row: number, column: string | null) => boolean;
  /** Called after every change. */
  onChange: () => void;
}

/** Rows of a grid that are selected, with mouse and keys; numbers count over the whole view. */
export class GridSelection {
  constructor(options: IGridSelectionOptions) {
    this._options = options;
    const { node } = options.table;
    node.addEventListener('mousedown', event => this._onMouse(event));
    node.addEventListener('keydown', event => this._onKey(event));
    node.addEventListener('dblclick', event => {
      const row = options.table.rowAt(event.target);
      if (row !== null && options.editCell(row, options.table.columnAt(event.target))) {
        event.preventDefault();
      }
    });
  }

  /** Row that keys move, null when none is selected. */
  get active(): number | null {
    return this._selection?.active ?? null;
  }

  /** First and last selected row, null when none is selected. */
  get range(): { first: number; last: number } | null {
    return this._selection === null ? null : selectedRange(this._selection);
  }

  select(selection: IRowSelection | null): void {
    if (selection !== null || this._selection !== null) {
      this._selection = selection;
      this._options.onChange();
    }
  }

  /** Shows what is selected in rows that were drawn anew, the first of which is `first`. */
  mark(first: number): void {
    const { range } = this;
    const isSelected = (row: number): boolean => range !== null && row >= range.first && row <= range.last;
    this._options.table.markSelected(first, this.active, isSelected);
  }

  private _onMouse(event: MouseEvent): void {
    const { table, isHeld } = this._options;
    const row = table.rowAt(event.target);
    if (row === null || event.button !== 0 || isHeld()) {
      return;
    }
    const anchor = event.shiftKey && this._selection ? this._selection.anchor : row;
    this.select({ anchor, active: row });
    table.node.focus({ preventScroll: true });
    if (event.shiftKey) {
      event.preventDefault();
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const { state, actions, isHeld } = this._options;
    if (isHeld()) {
      return;
    }
    const isHandled = onGridKey(event, {
      ...actions,
      state: () => ({ selection: this._selection, ...state() }),
      select: selection => this.select(selection)
    });
    if (isHandled) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  private readonly _options: IGridSelectionOptions;
  private _selection: IRowSelection | null = null;
}
