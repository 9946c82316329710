import type { AgentConnection } from '../../core/index.js';
import type { RunRecord } from '../../core/session/session-state.js';
import type { LoadedMap, RunBundle } from '../../protocol/index.js';
import { obeyTerms } from '../../core/policy/obey-terms.js';
import { followNodes } from './describe-nodes.js';
import type { SessionCore } from './session-core.js';
import { newLiveRun, type LiveRun } from './live-run.js';
import { say, type CellContext } from './cell-context.js';

/** What a cell that leaves a run says about it. */
export interface RunStart {
  name: string;
  cell: RunBundle['cell'];
  target: string | null;
  eventLimit: number | null;
  /** The previous run of the cell is detached at once, but its maps stay until this one is loaded. */
  keepMaps?: boolean;
  /** Programs that the agent does not load, and what of them is not restricted to pods; see AskedOfNode. Absent: there are none. */
  loadsItself?: { open: readonly string[] | null };
}

/** A fresh id of the protocol's form: the name in lower case and a number that the session has not used. */
function newRunId(context: CellContext, name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 28);
  return `${slug.replace(/^-+|-+$/g, '') || 'run'}-${context.core.state.nextRun}`;
}

/**
 * Starts a run of the executing cell: the previous run of the same cell is asked to end, the target is opened when it is
 * not. Resolves when the previous run is gone, so that both never hold the same hook, interface or port.
 */
export async function beginRun(context: CellContext, start: RunStart): Promise<LiveRun> {
  const { core, cellId, signal } = context;
  const target = core.targets.nameFor(start.target);
  const previous = core.liveRuns().filter(run => run.cellId === cellId);
  const handover = start.keepMaps === true ? holdMaps(core, previous) : null;
  const id = newRunId(context, start.name);
  const run = { id, name: start.name, cellId, cell: start.cell, target, eventLimit: start.eventLimit };
  const replaced = core.state.runs.get(context.takesPlaceOf ?? '');
  if (replaced !== undefined) {
    core.outputs.places.take(id, replaced);
  }
  core.dispatch({ op: 'start_run', run });
  try {
    const connecting = core.targets.connection(target, signal);
    const ending = handover === null ? endOf(core, previous) : Promise.resolve();
    const [connection] = await Promise.all([connecting, ending]);
    sayLoss(context, target);
    if (start.loadsItself !== undefined) obeyAll(connection, start.loadsItself.open);
    const live = newLiveRun(id, connection);
    live.takenOver = handover?.maps ?? [];
    if (handover !== null) {
      live.releasePrevious = () => handover.release();
    }
    core.runs.set(id, live);
    core.dispatch({ op: 'describe_run', run: id, facts: { kernelRelease: connection.hello.kernel_release } });
    followNodes(core, live);
    return live;
  } catch (error) {
    void handover?.release();
    failRun(context, id, error);
    throw error;
  }
}

/** Programs that load themselves run on every node, or on none. */
function obeyAll(connection: AgentConnection, open: readonly string[] | null): void {
  const all = connection.nodes?.members().map(member => member.connection) ?? [connection];
  for (const { hello } of all) obeyTerms(hello.policy, { wide: [], open, loadsItself: true });
}

async function endOf(core: SessionCore, runs: readonly RunRecord[]): Promise<void> {
  await Promise.all(runs.flatMap(run => core.runs.get(run.id)?.ended ?? []));
}

interface Handover {
  maps: LoadedMap[];
  release(): Promise<void>;
}

function holdMaps(core: SessionCore, runs: readonly RunRecord[]): Handover {
  const live = runs.flatMap(run => core.runs.get(run.id) ?? []);
  let letGo = (): void => undefined;
  const hold = new Promise<void>(resolve => (letGo = resolve));
  for (const run of live) {
    run.hold = hold;
  }
  return {
    maps: live.flatMap(run => run.maps),
    release: () => {
      letGo();
      return endOf(core, runs);
    }
  };
}

/** A run that did not come to be: whatever of it is in the target goes. */
export function failRun(context: CellContext, id: string, error: unknown): void {
  const { core } = context;
  core.dispatch({ op: 'fail_run', run: id, reason: error instanceof Error ? error.message : String(error) });
  const live = core.runs.get(id);
  // The target knows the run only when a load or exec reached it; "unknown run" is then the right answer.
  live?.connection.request('stop', { run: id }).catch(() => undefined);
  void live?.releasePrevious();
  live?.markEnded();
}

function sayLoss(context: CellContext, target: string): void {
  const reason = context.core.targets.takeLoss(target);
  if (reason !== '') {
    const text = `The ${target} target was lost (${reason}). A new one was started; runs and files in the old one are gone.`;
    say(context, text, 'stderr');
  }
}
