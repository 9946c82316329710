import { exportFormatOf, type ExportFormat } from '../../../core/export/export-format.js';
import { findMagic, type MagicSpec } from '../../../core/cells/magic.table.js';
import { parseWords } from '../../../core/cells/parse-words.js';
import { LabError } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';
import { exportRows } from '../export-rows.js';
import { openRows } from '../open-rows.js';
import { writeUserFile } from '../user-file.js';

/**
 * `%save VIEW PATH`: writes all rows that a view has now into a file beside the notebook, in the format that the name's ending
 * says: .csv, .json, .jsonl or .parquet.
 */
export async function saveMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { core } = context;
  const words = parseWords(findMagic('line', 'save') as MagicSpec, args);
  const [name = '', given] = words.positional;
  const view = await openRows(core, name, { filters: [], where: words.options.get('where')?.at(-1) });
  if (view === null) throw new LabError('BPFLAB_MAP_UNKNOWN', `There is no view of "${name}" in the session.`);
  const { rows, source } = view;
  const path = given ?? `${source}.csv`;
  const format = formatOf(path);
  const place = core.options.notebook();
  if (place === null) {
    throw new LabError(
      'BPFLAB_FILE_PATH',
      `The rows of "${name}" were not saved — there is no notebook to put a file beside.`,
      { hint: 'Use %save in a notebook; bpflab run --json prints all rows.' }
    );
  }
  const request = { place, path, force: words.options.has('force'), written: core.writtenFiles };
  const isReplaced = await writeUserFile(request, async file => {
    for await (const bytes of exportRows(rows, format)) await file.write(bytes);
  });
  const { count, missing } = rows;
  const left = missing === 0 ? '' : ` ${missing} were evicted before they were written.`;
  const did = isReplaced ? 'Replaced' : 'Wrote';
  say(context, `${did} ${path} beside the notebook: ${count - missing} rows of ${source}.${left}`);
}

function formatOf(path: string): ExportFormat {
  const format = exportFormatOf(path);
  if (format !== null) return format;
  throw new LabError('BPFLAB_CELL_OPTION', `"${path}" does not end in .csv, .json, .jsonl or .parquet.`);
}
