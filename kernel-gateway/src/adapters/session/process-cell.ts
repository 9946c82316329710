import type { CellOutcome } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import type { CellContext } from './cell-context.js';
import { feedInput } from './feed-input.js';
import type { LiveRun } from './live-run.js';
import type { ProcessExit } from './process-events.js';
import { runProcess, type LiveProcess } from './run-process.js';
import { openTextView } from './text-view.js';

const SIGINT = 2;
/** A process that ignores Ctrl-C for so long is killed with all that it started. */
const PATIENCE_MS = 1000;

/** A process that is a cell's whole work. */
export interface ProcessCell {
  argv: string[];
  /** What a message calls it: `The script`, `"minimal"`. */
  what: string;
  /** Title of the view of its output when it runs beside the next cells. */
  title: string;
  /** Standard input that the cell gives; null: whoever runs the cell is asked, or there is none when it runs beside others. */
  stdin: Uint8Array | null;
  /** `--for`: it is interrupted then, and the cell succeeds. */
  forMs: number | null;
  /** Its run gets a card in the notebook. */
  hasCard: boolean;
}

/** Runs a process whose output is the cell's, until it ends. An interrupt is Ctrl-C. */
export async function runToEnd(context: CellContext, run: LiveRun, cell: ProcessCell): Promise<CellOutcome> {
  const { core, signal } = context;
  const holdsLine = cell.stdin === null && context.input?.kind === 'ask';
  const process = await runProcess(core, { run, argv: cell.argv, stdin: cell.stdin ?? 'fed', holdsLine });
  if (process.input !== null) {
    feedInput(context, process, process.input, cell.what);
  }
  core.dispatch({ op: 'attach_run', run: run.id, endsAtMs: null, nowMs: core.now(), hasCard: cell.hasCard });
  const timeUp = new AbortController();
  const keepTime = cell.forMs === null ? null : core.clock.after(cell.forMs, () => timeUp.abort());
  const exit = await exitOrInterrupt(run, process, AbortSignal.any([signal, timeUp.signal]));
  keepTime?.();
  await core.stop(run.id, timeUp.signal.aborted ? 'its time was over' : exitText(exit));
  if (signal.aborted) {
    return { kind: 'interrupted' };
  }
  return timeUp.signal.aborted ? { kind: 'ok' } : exitOutcome(exit, cell.what);
}

/** Runs a process beside the next cells; its output becomes a view. */
export async function runBeside(context: CellContext, run: LiveRun, cell: ProcessCell): Promise<CellOutcome> {
  const { core } = context;
  const text = openTextView(core, { run: run.id, title: cell.title });
  const process = await runProcess(core, {
    run,
    argv: cell.argv,
    stdin: cell.stdin ?? new Uint8Array(0),
    onStdout: bytes => text.write(bytes),
    onStderr: bytes => text.write(bytes)
  });
  run.beforeStop = () => interruptProcess(run, process);
  core.dispatch({ op: 'attach_run', run: run.id, endsAtMs: null, nowMs: core.now(), hasCard: true });
  void process.exited.then(exit => {
    text.end();
    return core.stop(run.id, exitText(exit));
  });
  return { kind: 'ok' };
}

async function exitOrInterrupt(run: LiveRun, process: LiveProcess, signal: AbortSignal): Promise<ProcessExit> {
  const onAbort = (): void => void endProcess(run, process);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  try {
    return await process.exited;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function endProcess(run: LiveRun, process: LiveProcess): Promise<void> {
  if (!(await interruptProcess(run, process))) {
    await run.connection.request('stop', { run: run.id }).catch(() => undefined);
  }
}

/** Ctrl-C: SIGINT to the process and its children. Resolves true when it ended of it, false when it took too long. */
export async function interruptProcess(
  run: Pick<LiveRun, 'id' | 'connection'>,
  process: Pick<LiveProcess, 'pid' | 'exited'>,
  patienceMs = PATIENCE_MS
): Promise<boolean> {
  const interrupt = { run: run.id, pid: process.pid, signal: SIGINT };
  await run.connection.request('signal', interrupt).catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>(resolve => (timer = setTimeout(() => resolve(false), patienceMs)));
  const isEnded = await Promise.race([process.exited.then(() => true), late]);
  clearTimeout(timer);
  return isEnded;
}

/** How a process ended, as a run's reason. */
export function exitText(exit: ProcessExit): string {
  if (exit.signal !== null) {
    return `it was ended by signal ${exit.signal}`;
  }
  return exit.status === null ? 'its target was lost' : `it ended with status ${exit.status}`;
}

/** The outcome of a cell whose process has ended. */
function exitOutcome(exit: ProcessExit, what: string): CellOutcome {
  if (exit.status === 0) {
    return { kind: 'ok' };
  }
  const isLost = exit.status === null && exit.signal === null;
  const error = isLost
    ? new LabError('BPFLAB_TARGET_LOST', `${what} was lost with its target.`)
    : new LabError('BPFLAB_CELL_COMMAND_FAILED', `${what} ${exitText(exit).replace(/^it /, '')}.`);
  return { kind: 'failed', code: error.code, message: error.message, hint: error.hint, details: '' };
}
