import type { CellOutcome, CellOutput } from '../../../core/index.js';
import { failedOutcome, say, type CellContext } from '../cell-context.js';

/** Longest text of a cell that is kept for checks. */
const MAX_TEXT = 64 * 1024;

/** Executes a cell of a notebook that may be a lab's: its set-up comes before, its checks after. */
export async function executeInLab(context: CellContext, execute: () => Promise<CellOutcome>): Promise<CellOutcome> {
  const { core, cellId } = context;
  await core.labDesk.beforeCell();
  let text = '';
  const stopListening = core.outputs.listen(output => {
    if (text.length < MAX_TEXT) text += textOf(output);
  });
  let outcome: CellOutcome;
  try {
    outcome = await execute();
  } catch (error) {
    outcome = failedOutcome(error);
  } finally {
    stopListening();
  }
  const ended = outcome.kind === 'failed' ? outcome.code : outcome.kind;
  for (const title of await core.labDesk.afterCell(cellId, { ended, text })) say(context, `✓ ${title}`);
  return outcome;
}

function textOf(output: CellOutput): string {
  if (output.kind === 'stream') return output.text;
  const text = output.data['text/plain'];
  return output.update || typeof text !== 'string' ? '' : `${text}\n`;
}
