import type { IRowWindow } from './row-window.js';

/** A cell as spreadsheets read it: quoted when it holds a tab, a line break or a quote. */
const quote = (cell: string): string => (/[\t\n\r"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/**
 * Tab-separated text of rows `first … last` (counted over the whole view) with a header line; rows that the window does
 * not hold are left out.
 */
export function rowsAsTsv(
  window: IRowWindow,
  columns: readonly string[],
  range: { first: number; last: number }
): string {
  const lines = [columns.map(quote).join('\t')];
  const from = Math.max(range.first, window.first);
  const to = Math.min(range.last, window.first + window.count - 1);
  for (let row = from; row <= to; row++) {
    lines.push(columns.map(column => quote(window.cell(row - window.first, column))).join('\t'));
  }
  return `${lines.join('\n')}\n`;
}
