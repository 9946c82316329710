import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExportFormat } from '../../core/export/export-format.js';
import { exportText } from '../../core/export/export-text.js';
import type { StoreRows } from '../../core/store/store-rows.js';

/** Rows as the bytes of a file, in pieces of bounded size; other work of the gateway gets its turn between them. */
export async function* exportRows(rows: StoreRows, format: ExportFormat): AsyncGenerator<Uint8Array> {
  if (format === 'parquet') {
    // Its writer is 50 files, which most servers never need.
    const { exportParquet } = await import('./export-parquet.js');
    yield* exportParquet(rows);
    return;
  }
  const encoder = new TextEncoder();
  for (const text of exportText(rows, format)) {
    if (text !== '') yield encoder.encode(text);
    await nextTurn();
  }
}
