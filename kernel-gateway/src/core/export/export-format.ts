/** Files that rows can be exported to. `json` is one array, `jsonl` an object a line. */
export type ExportFormat = 'csv' | 'json' | 'jsonl' | 'parquet';

/** Media types of downloads. */
export const exportMediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet'
};

/** The format that the ending of a file's name says; null for another one. */
export function exportFormatOf(path: string): ExportFormat | null {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  if (ending === 'ndjson') return 'jsonl';
  return ending in exportMediaTypes ? (ending as ExportFormat) : null;
}
