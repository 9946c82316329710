import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sessionPath } from '../../../core/cells/session-path.js';
import type { Store } from '../../../core/index.js';
import { readWindow, type WindowCell } from '../../../core/session/read-window.js';
import { LabError, MAX_WINDOW_ROWS } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';
import { writeSessionFile } from '../file-cell.js';

/**
 * `%save VIEW PATH`: writes all rows that a view has into a file of the session. A name ending in .csv gives CSV (RFC 4180,
 * with a row of column names), any other JSON lines with 64-bit numbers as strings.
 */
export async function saveMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { core } = context;
  const [name = '', given] = args;
  const view = [...core.state.views.values()].findLast(
    one => one.id === name || core.views.get(one.id)?.source === name
  );
  const live = view === undefined ? undefined : core.views.get(view.id);
  if (view === undefined || live === undefined) {
    throw new LabError('BPFLAB_MAP_UNKNOWN', `There is no view of "${name}" in the session.`);
  }
  const path = sessionPath(given ?? `${live.source}.csv`);
  if (live.refresh !== null && !view.isEnded) {
    await core.refresh(view.id);
  }
  const isCsv = path.toLowerCase().endsWith('.csv');
  const names = live.store.columns.map(column => column.name);
  await writeSessionFile(core.options.folder, path, isCsv ? `${names.map(csvCell).join(',')}\r\n` : '');
  const rows = await appendRows(live.store, join(core.options.folder, path), isCsv ? csvLine : jsonLine);
  say(context, `Wrote ${rows} rows of ${live.source} to ${path}.`);
}

async function appendRows(
  store: Store,
  file: string,
  line: (names: readonly string[], row: readonly WindowCell[]) => string
): Promise<number> {
  const names = store.columns.map(column => column.name);
  let written = 0;
  for (;;) {
    const window = store.window({
      type: 'window',
      first: written,
      count: MAX_WINDOW_ROWS,
      follow: false,
      filters: [],
      paused: false
    });
    const rows = readWindow(window.message, window.buffers);
    if (rows.length === 0) {
      return written;
    }
    await appendFile(file, rows.map(row => line(names, row)).join(''));
    written += rows.length;
  }
}

function csvLine(_names: readonly string[], row: readonly WindowCell[]): string {
  return `${row.map(cell => csvCell(String(cell))).join(',')}\r\n`;
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonLine(names: readonly string[], row: readonly WindowCell[]): string {
  const entries = names.map((name, index) => [name, jsonCell(row[index] ?? '')]);
  return `${JSON.stringify(Object.fromEntries(entries))}\n`;
}

function jsonCell(cell: WindowCell): string | number {
  return typeof cell === 'bigint' ? cell.toString() : cell;
}
