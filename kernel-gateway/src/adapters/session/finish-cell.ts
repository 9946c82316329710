import type { CellOutcome } from '../../core/index.js';
import { isLive } from '../../core/session/session-state.js';
import type { CellContext } from './cell-context.js';

/** Blocks until the run has ended by itself; an interrupt ends the run. */
export async function waitForEnd(context: CellContext, run: string): Promise<CellOutcome> {
  const { core, signal } = context;
  const isOver = (): boolean => {
    const record = core.state.runs.get(run);
    return record === undefined || !isLive(record);
  };
  const isDone = await core.waiters.until(isOver, { signal, timeoutMs: null });
  if (isDone) {
    return { kind: 'ok' };
  }
  await core.stop(run, 'it was interrupted');
  return { kind: 'interrupted' };
}
