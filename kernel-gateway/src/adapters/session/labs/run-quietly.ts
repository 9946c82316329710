import { beginRun, failRun } from '../begin-run.js';
import type { CellContext } from '../cell-context.js';
import { exitText } from '../process-cell.js';
import { runProcess } from '../run-process.js';
import type { SessionCore } from '../session-core.js';

/** Longest text that is kept of what a script prints. */
const MAX_TEXT_BYTES = 64 * 1024;

/** Runs a shell script of a lab in the session's target, beside the user's cells. `exit` is null when it had to be ended. */
export async function runQuietly(
  core: SessionCore,
  script: string,
  timeoutMs: number
): Promise<{ exit: number | null; text: string }> {
  const context: CellContext = { core, cellId: '@lab', signal: AbortSignal.timeout(timeoutMs) };
  const run = await beginRun(context, { name: 'lab', cell: 'sh', target: null, eventLimit: null });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const keep = (part: Uint8Array): void => {
    if (bytes < MAX_TEXT_BYTES) parts.push(part.slice());
    bytes += part.length;
  };
  try {
    const argv = ['bash', '-c', script];
    const process = await runProcess(core, { run, argv, stdin: new Uint8Array(0), onStdout: keep, onStderr: keep });
    core.dispatch({ op: 'attach_run', run: run.id, endsAtMs: null, nowMs: core.now(), hasCard: false });
    const late = setTimeout(
      () => void run.connection.request('stop', { run: run.id }).catch(() => undefined),
      timeoutMs
    );
    const exit = await process.exited;
    clearTimeout(late);
    await core.stop(run.id, exitText(exit));
    return { exit: exit.status, text: Buffer.concat(parts).toString() };
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}
