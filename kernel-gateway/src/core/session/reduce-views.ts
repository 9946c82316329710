import {
  ENDED_RUNS_KEPT,
  isLive,
  SNAPSHOT_INTERVAL_MS,
  WATCHED_POLL_INTERVAL_MS,
  type Action,
  type NewView,
  type Operation,
  type Reduction,
  type SessionState,
  type ViewRecord
} from './session-state.js';

/** A map is polled so that reading it takes at most a tenth of the time. */
const POLL_COST_FACTOR = 10;

/** Views: opened with their run, polled where they are maps, ended with their run, dropped when nobody can want them. */
export function reduceViews(state: SessionState, operation: Operation): Reduction {
  switch (operation.op) {
    case 'open_view':
      return openView(state, operation.view);
    case 'change_view':
      return change(state, operation.view, () => ({ version: operation.version }));
    case 'poll_done':
      return change(state, operation.view, () => ({
        isPolling: false,
        polledAtMs: operation.nowMs,
        pollIntervalMs: operation.tookMs * POLL_COST_FACTOR
      }));
    case 'watch_view':
      return change(state, operation.view, () => ({ viewers: operation.viewers }));
    case 'start_run':
      return dropOldViews(state);
    case 'fail_run':
    case 'run_stopped':
    case 'target_lost':
    case 'target_closed':
      return endViews(state);
    case 'tick':
      return pollMaps(state, operation.nowMs);
    default:
      return { state, actions: [] };
  }
}

function openView(state: SessionState, view: NewView): Reduction {
  const run = state.runs.get(view.run);
  if (run === undefined) {
    return { state, actions: [] };
  }
  const record: ViewRecord = {
    ...view,
    isPolling: false,
    polledAtMs: -Infinity,
    pollIntervalMs: 0,
    viewers: 0,
    version: 0,
    shownVersion: -1,
    shownAtMs: -Infinity,
    isEnded: false,
    isFinal: false
  };
  const runs = new Map(state.runs).set(run.id, { ...run, views: [...run.views, view.id] });
  return { state: { ...state, runs, views: new Map(state.views).set(view.id, record) }, actions: [] };
}

/** The data of ended runs goes when their cell is run again (its outputs are), and when there are too many of them. */
function dropOldViews(state: SessionState): Reduction {
  const newest = [...state.runs.values()].at(-1);
  const ended = [...state.runs.values()].filter(run => !isLive(run));
  const surplus = new Set(ended.slice(0, Math.max(0, ended.length - ENDED_RUNS_KEPT)));
  const dropped = ended.filter(run => run.cellId === newest?.cellId || surplus.has(run));
  if (dropped.length === 0) {
    return { state, actions: [] };
  }
  const runs = new Map(state.runs);
  const views = new Map(state.views);
  const actions: Action[] = [];
  for (const run of dropped) {
    runs.delete(run.id);
    for (const view of run.views) {
      views.delete(view);
      actions.push({ do: 'drop_view', view });
    }
  }
  return { state: { ...state, runs, views }, actions };
}

function endViews(state: SessionState): Reduction {
  const views = new Map(state.views);
  const actions: Action[] = [];
  for (const view of state.views.values()) {
    const run = state.runs.get(view.run);
    if (!view.isEnded && (run === undefined || !isLive(run))) {
      views.set(view.id, { ...view, isEnded: true, isPolling: false });
      actions.push({ do: 'end_view', view: view.id });
    }
  }
  return actions.length === 0 ? { state, actions } : { state: { ...state, views }, actions };
}

function pollMaps(state: SessionState, nowMs: number): Reduction {
  const views = new Map(state.views);
  const actions: Action[] = [];
  for (const view of state.views.values()) {
    if (isPollDue(state, view, nowMs)) {
      views.set(view.id, { ...view, isPolling: true });
      actions.push({ do: 'poll_map', view: view.id });
    }
  }
  return actions.length === 0 ? { state, actions } : { state: { ...state, views }, actions };
}

function isPollDue(state: SessionState, view: ViewRecord, nowMs: number): boolean {
  const run = state.runs.get(view.run);
  if (!view.isPolled || view.isPolling || view.isEnded || run?.state !== 'attached' || run.isStopping) {
    return false;
  }
  const wantedMs = view.viewers > 0 ? WATCHED_POLL_INTERVAL_MS : SNAPSHOT_INTERVAL_MS;
  return nowMs - view.polledAtMs >= Math.max(wantedMs, view.pollIntervalMs);
}

function change(state: SessionState, id: string, facts: (view: ViewRecord) => Partial<ViewRecord>): Reduction {
  const view = state.views.get(id);
  if (view === undefined) {
    return { state, actions: [] };
  }
  const views = new Map(state.views).set(id, { ...view, ...facts(view) });
  return { state: { ...state, views }, actions: [] };
}
