import { textTable } from '../store/text-table.js';

/** A table as the API server prints it (meta.k8s.io/v1 Table); what is read of it. */
export interface ServerTable {
  columnDefinitions?: { name: string; priority?: number }[];
  rows?: { cells?: unknown[]; object?: { kind?: string; metadata?: { name?: string; namespace?: string } } }[];
}

/** How kubectl would show tables. */
export interface TableChoice {
  /** Columns of a lower priority too. */
  isWide: boolean;
  /** With a column for the namespace. */
  isEverywhere: boolean;
  /** Put before each name, such as `pod/`; empty: nothing. */
  prefix: string;
}

/** The text of a table, as `kubectl get` prints it; with a line end; empty when it has no rows. */
export function serverTableText({ columnDefinitions = [], rows = [] }: ServerTable, choice: TableChoice): string {
  if (rows.length === 0) return '';
  const shown = columnDefinitions.flatMap((column, index) => (choice.isWide || !column.priority ? [index] : []));
  const headings = shown.map(index => columnDefinitions[index]?.name.toUpperCase() ?? '');
  const lines = rows.map(row => {
    const cells = shown.map(index => cellText(row.cells?.[index]));
    if (choice.prefix !== '') cells[0] = choice.prefix + (cells[0] ?? '');
    return choice.isEverywhere ? [row.object?.metadata?.namespace ?? '', ...cells] : cells;
  });
  const columns = (choice.isEverywhere ? ['NAMESPACE', ...headings] : headings).map(header => ({
    header,
    right: false
  }));
  return `${textTable(columns, lines)}\n`;
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined || cell === '') return '<none>';
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}
