import { runNodes } from '../../core/nodes/run-nodes.js';
import type { NodeCount } from '../../core/store/store-nodes.js';
import type { LiveRun } from './live-run.js';
import type { SessionCore } from './session-core.js';

/** Keeps the card of a run on many nodes at what the nodes made of it, until the run ends. */
export function followNodes(core: SessionCore, run: LiveRun): void {
  const { nodes } = run.connection;
  if (nodes === undefined) return;
  nodes.onChange(() => describeNodes(core, run));
  describeNodes(core, run);
}

/** Puts the nodes' verdicts, events and losses into the run's record, and its card where something of them is new. */
export function describeNodes(core: SessionCore, run: LiveRun): void {
  const { nodes } = run.connection;
  if (nodes === undefined) return;
  const described = runNodes(nodes, run.id, countsOf(core, run.id));
  const before = core.state.runs.get(run.id)?.nodes ?? [];
  if (JSON.stringify(before) === JSON.stringify(described)) return;
  core.dispatch({ op: 'describe_run', run: run.id, facts: { nodes: described } });
  core.dispatch({ op: 'show_run', run: run.id });
}

function countsOf(core: SessionCore, run: string): ReadonlyMap<number, NodeCount>[] {
  return [...core.state.views.values()]
    .filter(view => view.run === run)
    .flatMap(view => core.views.get(view.id)?.byNode?.() ?? []);
}
