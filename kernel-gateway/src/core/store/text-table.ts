/** Plain tables for text/plain and terminals: columns as wide as their widest cell, numbers to the right. */

/** First and last code points that terminals draw two cells wide (UAX #11, the blocks in use). */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd]
];

/** Combining marks, zero-width characters and variation selectors take no cell. */
const isZeroWidth = (code: number): boolean =>
  (code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || (code >= 0xfe00 && code <= 0xfe0f);

/** Cells that a terminal needs for a text. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x300) width++;
    else if (!isZeroWidth(code)) width += wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
  }
  return width;
}

/** One column of a table. */
export interface TableColumn {
  header: string;
  right: boolean;
}

/** Header, then rows, each line without spaces at its end. Cells must have no line breaks. */
export function textTable(columns: TableColumn[], rows: string[][]): string {
  const widths = columns.map((column, index) =>
    rows.reduce((width, row) => Math.max(width, textWidth(row[index] ?? '')), textWidth(column.header))
  );
  const line = (cells: string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? '';
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(cell)));
        return column.right ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map(column => column.header)), ...rows.map(line)].join('\n');
}
