import type { CellOutcome, CellSpec } from '../../core/index.js';
import { restrictScript, SCRIPT_FILTER_MAP } from '../../core/pod-filter/restrict-script.js';
import { LabError } from '../../protocol/index.js';
import { beginRun, failRun } from './begin-run.js';
import { say, type CellContext } from './cell-context.js';
import { waitForEnd } from './finish-cell.js';
import type { LiveRun } from './live-run.js';
import { exitText } from './process-cell.js';
import type { ProcessExit } from './process-events.js';
import { restrictProcess } from './restrict-process.js';
import type { RestrictedRun } from './follow-groups.js';
import { targetOfPods } from './restrict-to-pods.js';
import { scriptCause } from './script-cause.js';
import { startScripts } from './start-scripts.js';

type BpftraceSpec = Extract<CellSpec, { kind: 'bpftrace' }>;

/**
 * `%%bpftrace`: runs the script; the cell is done when its probes are attached. printf and its kin are a view of text, each
 * map is a view when bpftrace first prints it (at the latest at the end of the run, which is Ctrl-C to it).
 */
export async function runBpftraceCell(context: CellContext, spec: BpftraceSpec): Promise<CellOutcome> {
  const { core, signal } = context;
  const { options } = spec;
  const named = core.targets.nameFor(options.target);
  const target = options.pods === null ? named : await targetOfPods(context, options.pods, named);
  const loadsItself = { open: options.pods === null ? null : [] };
  const start = { name: spec.name, cell: 'bpftrace', target, eventLimit: options.events, loadsItself } as const;
  const run = await beginRun(context, start);
  try {
    const textOn = await restricted({ context, run }, spec);
    const started = await startScripts(core, run, { target, args: spec.args, textOn });
    const first = await Promise.race([started.attached, started.exited, aborted(signal)]);
    if (first === 'aborted') {
      throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.');
    }
    if (first !== 'attached' && first.status !== 0) {
      return refused(context, run, first, started.errors());
    }
    const endsAtMs = options.forMs === null ? null : core.now() + options.forMs;
    core.dispatch({ op: 'attach_run', run: run.id, endsAtMs, nowMs: core.now(), hasCard: true });
    say(context, started.errors(), 'stderr');
    void started.exited.then(exit => core.stop(run.id, exitText(exit)));
    const isWaiting = options.wait || options.forMs !== null || options.events !== null;
    return isWaiting ? await waitForEnd(context, run.id) : { kind: 'ok' };
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}

/** The script for a node by its number, with a filter of that node's cgroups before its probes where pods are chosen. */
async function restricted(where: RestrictedRun, { body, options }: BpftraceSpec): Promise<(node: number) => string> {
  if (options.pods === null) {
    return () => body;
  }
  // A script that cannot be restricted is refused before anything is followed.
  const { open } = restrictScript(body, []);
  // bpftrace's name for "@" in names that the kernel sees.
  const map = SCRIPT_FILTER_MAP.replace('@', 'AT_');
  const groups = await restrictProcess(where, options.pods, { map, open });
  // bpftrace learns the map's type from what is put into it; no cgroup has the number 0.
  return node => restrictScript(body, [...(groups.get(node) ?? []), 0n]).text;
}

function refused(context: CellContext, run: LiveRun, exit: ProcessExit, errors: string): CellOutcome {
  say(context, errors, 'stderr');
  const cause = scriptCause(errors, exit);
  const error = new LabError('BPFLAB_CELL_COMMAND_FAILED', `bpftrace refused the script — ${cause}.`);
  failRun(context, run.id, error);
  return { kind: 'failed', code: error.code, message: error.message, hint: error.hint, details: errors };
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
    if (signal.aborted) {
      resolve('aborted');
    }
  });
}
