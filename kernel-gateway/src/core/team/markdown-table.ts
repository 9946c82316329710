/** A row of a Markdown table as its cells; null: the line is none, or the rule below the head. */
export function readTableRow(line: string): string[] | null {
  const text = line.trim();
  if (!text.startsWith('|') || /^\|[\s|:-]*$/.test(text)) return null;
  const inner = text.slice(1).replace(/(?<!\\)\|\s*$/, '');
  return inner.split(/(?<!\\)\|/).map(cell => cell.trim().replaceAll('\\|', '|'));
}

/** A row of a Markdown table. Line ends and bars within a cell do not break it. */
export const tableRow = (cells: readonly string[]): string =>
  `| ${cells.map(cell => cell.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|')).join(' | ')} |`;
