import { findMagic, type MagicSpec } from '../../../core/cells/magic.table.js';
import { parseWords } from '../../../core/cells/parse-words.js';
import { say, type CellContext } from '../cell-context.js';

/** `%record NAME [--force]` begins a recording of the session, `%record --stop` ends it, `%record` says how it stands. */
export async function recordMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { recorder } = context.core;
  const words = parseWords(findMagic('line', 'record') as MagicSpec, args);
  const [name] = words.positional;
  if (words.options.has('stop')) {
    const file = await recorder.end();
    say(
      context,
      file === '' ? 'Nothing was being recorded.' : `Recorded ${file}. Open it in the file browser to play it.`
    );
  } else if (name !== undefined) {
    const file = await recorder.begin(name, words.options.has('force'));
    say(
      context,
      `Recording into ${file}. All runs are stopped; the next cell gets a new target. %record --stop ends it.`
    );
  } else {
    say(context, recorder.fileName === '' ? 'Nothing is being recorded.' : `Recording into ${recorder.fileName}.`);
  }
}
