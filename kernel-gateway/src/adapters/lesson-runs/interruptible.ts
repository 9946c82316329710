import { LabError } from '../../protocol/index.js';
import type { LabSession } from '../session/lab-session.js';

/** What runs the cells of a lesson. */
export type CellSession = Pick<LabSession, 'execute' | 'onOutput' | 'runs'>;

/**
 * The session, whose cells end with the signal: the one that runs is interrupted, and it and all that come later throw. A lesson is
 * many cells, some of them tried again and again, and a failed one alone would not end it.
 *
 * @throws LabError BPFLAB_CELL_INTERRUPTED from `execute`
 */
export function interruptible(session: LabSession, signal: AbortSignal): CellSession {
  const check = (): void => {
    if (signal.aborted) throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The test was interrupted.');
  };
  const interrupt = (): void => session.interrupt();
  return {
    async execute(cell, output) {
      check();
      signal.addEventListener('abort', interrupt);
      try {
        return await session.execute(cell, output);
      } finally {
        signal.removeEventListener('abort', interrupt);
        check();
      }
    },
    onOutput: listener => session.onOutput(listener),
    runs: () => session.runs()
  };
}
