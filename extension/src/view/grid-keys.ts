import { moveSelection, type IRowSelection, type SelectionKey } from './row-selection.js';

const SELECTION_KEYS = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End']);

/** What keys in a grid do; each answers whether it did something, else the key is the browser's. */
export interface IGridKeyActions {
  /** Selection now, and what moving it has to know. */
  state(): { selection: IRowSelection | null; pageRows: number; totalRows: number; startRow: number };
  select(selection: IRowSelection | null): void;
  reveal(row: number): void;
  copy(): boolean;
  /** Enter or F2 on the active row. */
  edit(): boolean;
  /** Delete on the selected rows. */
  remove(): boolean;
}

/** Handles a key in the table; true when it did something. */
export function onGridKey(event: KeyboardEvent, actions: IGridKeyActions): boolean {
  return event.ctrlKey || event.metaKey ? onControlKey(event.key, actions) : onPlainKey(event, actions);
}

function onControlKey(key: string, actions: IGridKeyActions): boolean {
  if (key === 'a') {
    const { totalRows } = actions.state();
    actions.select(totalRows === 0 ? null : { anchor: 0, active: totalRows - 1 });
    return true;
  }
  return key === 'c' && actions.copy();
}

function onPlainKey({ key, shiftKey }: KeyboardEvent, actions: IGridKeyActions): boolean {
  const { selection, ...state } = actions.state();
  if (SELECTION_KEYS.has(key)) {
    const moved = moveSelection(selection, key as SelectionKey, { extend: shiftKey, ...state });
    actions.select(moved);
    if (moved !== null) {
      actions.reveal(moved.active);
    }
    return true;
  }
  if (selection === null) {
    return false;
  }
  switch (key) {
    case 'Escape':
      actions.select(null);
      return true;
    case 'Enter':
    case 'F2':
      return actions.edit();
    case 'Delete':
      return actions.remove();
    default:
      return false;
  }
}
