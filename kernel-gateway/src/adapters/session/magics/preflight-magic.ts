import { verdictText } from '../../../core/lesson-runs/best-verdict.js';
import { plainTable } from '../../../core/session/plain-table.js';
import { say, type CellContext } from '../cell-context.js';
import { judgeLesson } from '../judge-lesson.js';

/**
 * `%preflight [FOLDER]`: builds the programs of the lesson and says of each whether the target runs it, which installed
 * kernel does, or what is missing. Nothing is loaded.
 */
export async function preflightMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { core, signal } = context;
  const judged = await judgeLesson(core, { folder: args[0] ?? '', only: null, signal });
  const rows = judged.map(({ name, verdicts }) => [name, verdictText(verdicts)]);
  say(context, plainTable(['program', 'preflight'], rows));
}
