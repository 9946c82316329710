import type { FileHandle } from 'node:fs/promises';
import { findMagic, type MagicSpec } from '../../../core/cells/magic.table.js';
import { parseWords } from '../../../core/cells/parse-words.js';
import type { Store } from '../../../core/index.js';
import { readWindow, type WindowCell } from '../../../core/session/read-window.js';
import { LabError, MAX_WINDOW_ROWS } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';
import { writeUserFile } from '../user-file.js';

/**
 * `%save VIEW PATH`: writes all rows that a view has into a file beside the notebook. A name ending in .csv gives CSV (RFC 4180,
 * with a row of column names), any other JSON lines with 64-bit numbers as strings.
 */
export async function saveMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { core } = context;
  const words = parseWords(findMagic('line', 'save') as MagicSpec, args);
  const [name = '', given] = words.positional;
  const view = [...core.state.views.values()].findLast(
    one => one.id === name || core.views.get(one.id)?.source === name
  );
  const live = view === undefined ? undefined : core.views.get(view.id);
  if (view === undefined || live === undefined) {
    throw new LabError('BPFLAB_MAP_UNKNOWN', `There is no view of "${name}" in the session.`);
  }
  const place = core.options.notebook();
  if (place === null) {
    throw new LabError(
      'BPFLAB_FILE_PATH',
      `The rows of "${name}" were not saved — there is no notebook to put a file beside.`,
      {
        hint: 'Use %save in a notebook; bpflab run --json prints all rows.'
      }
    );
  }
  const path = given ?? `${live.source}.csv`;
  if (live.refresh !== null && !view.isEnded) {
    await core.refresh(view.id);
  }
  let rows = 0;
  const request = { place, path, force: words.options.has('force'), written: core.writtenFiles };
  const isReplaced = await writeUserFile(request, async file => {
    rows = await writeRows(live.store, file, path.toLowerCase().endsWith('.csv'));
  });
  say(context, `${isReplaced ? 'Replaced' : 'Wrote'} ${path} beside the notebook: ${rows} rows of ${live.source}.`);
}

async function writeRows(store: Store, file: FileHandle, isCsv: boolean): Promise<number> {
  const names = store.columns.map(column => column.name);
  const line = isCsv ? csvLine : jsonLine;
  if (isCsv) {
    await file.write(`${names.map(csvCell).join(',')}\r\n`);
  }
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
    await file.write(rows.map(row => line(names, row)).join(''));
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
