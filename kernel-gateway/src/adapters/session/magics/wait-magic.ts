import { parseWait, type WaitCondition, type WaitOperator } from '../../../core/cells/parse-wait.js';
import { formatDuration } from '../../../core/cells/duration.js';
import { isLive, type RunRecord } from '../../../core/session/session-state.js';
import { LabError, type ViewKind } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';
import type { SessionCore } from '../session-core.js';

const MAP_POLL_MS = 200;
const TIME_POLL_MS = 50;
const ROWS_SHOWN = 10;
const EVENT_KINDS: readonly ViewKind[] = ['events', 'printk'];
const MAP_KINDS: readonly ViewKind[] = ['map', 'histogram'];

/**
 * `%wait CONDITION… [--timeout D]`: blocks until all conditions hold, then shows the newest rows of what was waited for.
 *
 * @throws LabError BPFLAB_WAIT_TIMEOUT that says how far it came, BPFLAB_RUN_UNKNOWN, BPFLAB_MAP_UNKNOWN, BPFLAB_CELL_INTERRUPTED
 */
export async function waitMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { core, signal } = context;
  const spec = parseWait(args);
  const startMs = core.now();
  const probes = spec.conditions.map(condition => probe(core, condition, startMs));
  const stopPolling = pollWhileWaiting(context, probes);
  const isDone = await core.waiters.until(() => probes.every(one => one.holds()), {
    signal,
    timeoutMs: spec.timeoutMs
  });
  stopPolling();
  if (signal.aborted) {
    throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.');
  }
  const state = probes.map(one => one.text()).join(', ');
  if (!isDone) {
    const seconds = formatDuration(spec.timeoutMs);
    throw new LabError('BPFLAB_WAIT_TIMEOUT', `${args[0] ?? ''} did not hold within ${seconds} — ${state}.`);
  }
  say(context, `${state}, after ${((core.now() - startMs) / 1000).toFixed(1)} s`);
  for (const view of new Set(probes.flatMap(one => one.views()))) {
    const live = core.views.get(view);
    say(context, live === undefined ? '' : live.store.text(ROWS_SHOWN));
  }
}

interface Probe {
  holds(): boolean;
  /** How it stands, as a clause. */
  text(): string;
  /** Views whose rows are counted; a map of a process may come later. */
  views(): string[];
  /** Its views are maps, which must be read again and again. */
  isPolled: boolean;
}

function probe(core: SessionCore, condition: WaitCondition, startMs: number): Probe {
  switch (condition.kind) {
    case 'time':
      return timeProbe(core, startMs + condition.ms);
    case 'ended':
      return endProbe(core, condition.run);
    case 'map': {
      mustFindView(core, condition.map, MAP_KINDS);
      const views = (): string[] => findView(core, condition.map, MAP_KINDS);
      return countProbe(core, { ...condition, views, nouns: ['entry', 'entries'], isPolled: true });
    }
    case 'events': {
      const { view } = condition;
      const views = view === null ? eventViews(core) : mustFindView(core, view, EVENT_KINDS);
      return countProbe(core, { ...condition, views: () => views, nouns: ['event', 'events'], isPolled: false });
    }
  }
}

function countProbe(
  core: SessionCore,
  wanted: {
    operator: WaitOperator;
    count: bigint;
    views: () => string[];
    nouns: [one: string, many: string];
    isPolled: boolean;
  }
): Probe {
  const seen = (): bigint =>
    wanted.views().reduce((sum, view) => sum + (core.views.get(view)?.store.totalRows ?? 0n), 0n);
  return {
    holds: () => compare(seen(), wanted.operator, wanted.count),
    text: () => `${seen()} ${wanted.nouns[seen() === 1n ? 0 : 1]}`,
    views: wanted.views,
    isPolled: wanted.isPolled
  };
}

function timeProbe(core: SessionCore, atMs: number): Probe {
  return { holds: () => core.now() >= atMs, text: () => 'the time is over', views: () => [], isPolled: false };
}

function endProbe(core: SessionCore, name: string | null): Probe {
  const run = name === null ? newestObservedRun(core) : core.findRun(name);
  if (run === undefined) {
    throw unknownRun(name);
  }
  const record = (): RunRecord | undefined => core.state.runs.get(run.id);
  return {
    holds: () => !isLive(record() ?? { ...run, state: 'stopped' }),
    text: () => `${run.id} is ${record()?.state ?? 'gone'}`,
    views: () => [],
    isPolled: false
  };
}

function compare(left: bigint, operator: WaitOperator, right: bigint): boolean {
  switch (operator) {
    case '>=':
      return left >= right;
    case '>':
      return left > right;
    case '=':
      return left === right;
    case '<=':
      return left <= right;
    case '<':
      return left < right;
  }
}

/** A shell cell that made the traffic is not what is waited for. */
function newestObservedRun(core: SessionCore): RunRecord | undefined {
  return [...core.state.runs.values()].findLast(run => run.cell !== 'sh');
}

function eventViews(core: SessionCore): string[] {
  const run = newestObservedRun(core);
  if (run === undefined) {
    throw unknownRun(null);
  }
  const views = run.views.filter(view => EVENT_KINDS.includes(core.state.views.get(view)?.kind ?? 'text'));
  if (views.length === 0) {
    throw new LabError('BPFLAB_MAP_UNKNOWN', `The run "${run.id}" has no ring, perf buffer or printk to wait for.`);
  }
  return views;
}

/** The newest view of that id or source, one of a live run before all others; none when there is none. */
function findView(core: SessionCore, name: string, kinds: readonly ViewKind[]): string[] {
  const found = [...core.state.views.values()].filter(
    view => kinds.includes(view.kind) && (view.id === name || core.views.get(view.id)?.source === name)
  );
  const chosen = found.findLast(view => !view.isEnded) ?? found.at(-1);
  return chosen === undefined ? [] : [chosen.id];
}

function mustFindView(core: SessionCore, name: string, kinds: readonly ViewKind[]): string[] {
  const found = findView(core, name, kinds);
  if (found.length === 0) {
    throw new LabError('BPFLAB_MAP_UNKNOWN', `There is no view of "${name}" in the session.`);
  }
  return found;
}

function unknownRun(name: string | null): LabError {
  const message = name === null ? 'There is no run to wait for.' : `There is no run "${name}".`;
  return new LabError('BPFLAB_RUN_UNKNOWN', message);
}

/** Maps are not told when they change, and time is no event: both are looked at while somebody waits. */
function pollWhileWaiting(context: CellContext, probes: readonly Probe[]): () => void {
  const polled = probes.filter(one => one.isPolled);
  if (polled.length === 0 && probes.every(one => one.views().length > 0)) {
    return () => undefined;
  }
  let isReading = false;
  const read = async (): Promise<void> => {
    if (!isReading) {
      isReading = true;
      await Promise.all(polled.flatMap(one => one.views()).map(view => context.core.polls.readView(view)));
      isReading = false;
      context.core.dispatch({ op: 'tick', nowMs: context.core.now() });
    }
  };
  void read();
  const timer = setInterval(() => void read(), polled.length > 0 ? MAP_POLL_MS : TIME_POLL_MS);
  return () => clearInterval(timer);
}
