import { say, type CellContext } from '../cell-context.js';

/** `%check [STEP]`: all checks of a step, also those that execute a command. */
export async function checkMagic(context: CellContext, [step = '']: readonly string[]): Promise<void> {
  say(context, (await context.core.labDesk.answer({ type: 'check', step })).text);
}

/** `%hint [STEP]`: the next hint, and the last one again when there are no more. */
export async function hintMagic(context: CellContext, [step = '']: readonly string[]): Promise<void> {
  const { text } = await context.core.labDesk.answer({ type: 'hint', step });
  say(context, text === '' ? 'This step has no hint.' : text);
}

/** `%solution [STEP]`: what the step's cells may look like. */
export async function solutionMagic(context: CellContext, [step = '']: readonly string[]): Promise<void> {
  const { text, cells } = await context.core.labDesk.answer({ type: 'solution', step });
  const parts = [text, ...cells.map(cell => cell.solution)].filter(part => part !== '');
  say(context, parts.length === 0 ? 'This step has no solution of its own.' : parts.join('\n\n'));
}
