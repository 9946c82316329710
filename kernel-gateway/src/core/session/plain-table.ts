import { textTable } from '../store/text-table.js';

/** Aligned text with a row of headings; a column whose cells are all numbers stands right. */
export function plainTable(headings: readonly string[], rows: string[][]): string {
  const columns = headings.map((header, index) => ({
    header,
    right: rows.every(row => /^-?[\d,.]*$/.test(row[index] ?? ''))
  }));
  return textTable(columns, rows);
}
