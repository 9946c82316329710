import type { RunState } from '../../protocol/index.js';
import {
  isLive,
  SNAPSHOT_INTERVAL_MS,
  type Action,
  type NewRun,
  type Operation,
  type Reduction,
  type RunRecord,
  type SessionState
} from './session-state.js';

const sendStatus: Action[] = [{ do: 'send_status' }];

/** Runs: at most one live run per cell, each with its own end. */
export function reduceRuns(state: SessionState, operation: Operation): Reduction {
  switch (operation.op) {
    case 'start_run':
      return startRun(state, operation.run);
    case 'describe_run':
      return change(state, operation.run, () => operation.facts, []);
    case 'attach_run':
      return attachRun(state, operation);
    case 'show_run':
      return showAgain(state, operation.run);
    case 'count_events':
      return countEvents(state, operation.run, operation.events);
    case 'count_stats':
      return countStats(state, operation.stats);
    case 'tick':
      return tick(state, operation.nowMs);
    default:
      return reduceEnds(state, operation);
  }
}

/** The ways in which runs end. */
function reduceEnds(state: SessionState, operation: Operation): Reduction {
  switch (operation.op) {
    case 'fail_run':
      return endRun(state, operation.run, 'failed', operation.reason);
    case 'ask_stop':
      return askStop(state, operation.run, operation.reason);
    case 'run_stopped':
      return endRun(state, operation.run, 'stopped', operation.reason);
    case 'target_lost':
      return endAll(state, operation.name, 'lost', `the target was lost: ${operation.reason}`);
    case 'target_closed':
      return endAll(state, operation.name, 'stopped', 'the target was closed');
    default:
      return { state, actions: [] };
  }
}

function attachRun(state: SessionState, operation: Extract<Operation, { op: 'attach_run' }>): Reduction {
  const { run, endsAtMs, hasCard } = operation;
  const card: Action[] = hasCard ? [{ do: 'show_run', run, update: false }] : [];
  return change(state, run, () => ({ state: 'attached', endsAtMs, isShown: hasCard }), [...card, ...sendStatus]);
}

function startRun(state: SessionState, run: NewRun): Reduction {
  const record: RunRecord = {
    ...run,
    state: 'starting',
    reason: '',
    isStopping: false,
    kernelRelease: '',
    programs: [],
    nodes: [],
    timingUs: { compile: 0, load: 0, attach: 0 },
    views: [],
    added: '',
    endsAtMs: null,
    events: 0,
    isShown: false
  };
  let next: SessionState = { ...state, nextRun: state.nextRun + 1 };
  const actions: Action[] = [];
  for (const previous of state.runs.values()) {
    if (previous.cellId === run.cellId && isLive(previous)) {
      const stopped = askStop(next, previous.id, 'its cell was run again');
      next = stopped.state;
      actions.push(...stopped.actions);
    }
  }
  return { state: withRun(next, record), actions };
}

/** The card, when it is in the notebook already, with what is known by now. */
function showAgain(state: SessionState, id: string): Reduction {
  const isShown = state.runs.get(id)?.isShown === true;
  return { state, actions: isShown ? [{ do: 'show_run', run: id, update: true }, ...sendStatus] : [] };
}

function askStop(state: SessionState, id: string, reason: string): Reduction {
  const run = state.runs.get(id);
  if (run === undefined || !isLive(run) || run.isStopping) {
    return { state, actions: [] };
  }
  return { state: withRun(state, { ...run, isStopping: true }), actions: [{ do: 'stop_run', run: id, reason }] };
}

function endRun(state: SessionState, id: string, end: RunState, reason: string): Reduction {
  const run = state.runs.get(id);
  if (run === undefined || !isLive(run)) {
    return { state, actions: [] };
  }
  const next = withRun(state, { ...run, state: end, reason, isStopping: false, endsAtMs: null });
  const card: Action[] = run.isShown ? [{ do: 'show_run', run: id, update: true }] : [];
  return { state: next, actions: [...card, { do: 'send_status' }] };
}

function endAll(state: SessionState, target: string, end: RunState, reason: string): Reduction {
  const reduction: Reduction = { state, actions: [] };
  for (const run of [...state.runs.values()].filter(one => one.target === target)) {
    const ended = endRun(reduction.state, run.id, end, reason);
    reduction.state = ended.state;
    reduction.actions.push(...ended.actions);
  }
  return reduction;
}

function countEvents(state: SessionState, id: string, events: number): Reduction {
  const run = state.runs.get(id);
  if (run === undefined) {
    return { state, actions: [] };
  }
  const next = withRun(state, { ...run, events });
  return run.eventLimit !== null && events >= run.eventLimit
    ? askStop(next, id, `it had ${run.eventLimit} events`)
    : { state: next, actions: [] };
}

function countStats(state: SessionState, stats: Extract<Operation, { op: 'count_stats' }>['stats']): Reduction {
  const byId = new Map(stats.map(one => [one.id, one]));
  const runs = new Map(state.runs);
  let isChanged = false;
  for (const run of state.runs.values()) {
    const programs = run.programs.map(program => {
      const one = isLive(run) ? byId.get(program.id) : undefined;
      if (one === undefined || one.runCount === program.run_count) {
        return program;
      }
      isChanged = true;
      return { ...program, run_count: one.runCount, run_time_ns: one.runTimeNs };
    });
    runs.set(run.id, { ...run, programs });
  }
  return isChanged ? { state: { ...state, runs }, actions: [{ do: 'send_status' }] } : { state, actions: [] };
}

function tick(state: SessionState, nowMs: number): Reduction {
  const reduction: Reduction = { state, actions: [] };
  for (const run of state.runs.values()) {
    if (run.endsAtMs !== null && nowMs >= run.endsAtMs) {
      const stopped = askStop(reduction.state, run.id, 'its time was over');
      reduction.state = stopped.state;
      reduction.actions.push(...stopped.actions);
    }
  }
  const isCounting = [...state.runs.values()].some(run => run.state === 'attached' && run.programs.length > 0);
  if (isCounting && nowMs - state.statsAtMs >= SNAPSHOT_INTERVAL_MS) {
    reduction.state = { ...reduction.state, statsAtMs: nowMs };
    reduction.actions.push({ do: 'poll_stats' });
  }
  return reduction;
}

function change(
  state: SessionState,
  id: string,
  facts: (run: RunRecord) => Partial<RunRecord>,
  actions: Action[]
): Reduction {
  const run = state.runs.get(id);
  return run === undefined || !isLive(run)
    ? { state, actions: [] }
    : { state: withRun(state, { ...run, ...facts(run) }), actions };
}

function withRun(state: SessionState, run: RunRecord): SessionState {
  return { ...state, runs: new Map(state.runs).set(run.id, run) };
}
