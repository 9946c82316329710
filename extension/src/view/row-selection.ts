/** Selected rows `first … last`, both included, counted over the filtered and sorted view; `active` has the focus. */
export interface IRowSelection {
  anchor: number;
  active: number;
}

/** First and last selected row. */
export const selectedRange = ({ anchor, active }: IRowSelection): { first: number; last: number } => ({
  first: Math.min(anchor, active),
  last: Math.max(anchor, active)
});

/** Keys that move a selection. */
export type SelectionKey = 'ArrowUp' | 'ArrowDown' | 'PageUp' | 'PageDown' | 'Home' | 'End';

/**
 * The selection after a key: one row for arrows, `pageRows` for a page; with `extend` (Shift) the anchor stays.
 * Null when there is no row.
 */
export function moveSelection(
  selection: IRowSelection | null,
  key: SelectionKey,
  options: { extend: boolean; pageRows: number; totalRows: number; startRow: number }
): IRowSelection | null {
  const { extend, pageRows, totalRows, startRow } = options;
  if (totalRows === 0) {
    return null;
  }
  const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -pageRows, PageDown: pageRows, Home: -Infinity, End: Infinity };
  const target =
    selection === null && !['Home', 'End'].includes(key) ? startRow : (selection?.active ?? 0) + steps[key];
  const active = Math.min(Math.max(0, target), totalRows - 1);
  return { anchor: extend && selection !== null ? selection.anchor : active, active };
}
