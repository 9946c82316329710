import {
  SNAPSHOT_INTERVAL_MS,
  type Action,
  type Operation,
  type Reduction,
  type SessionState,
  type ViewRecord
} from './session-state.js';

/** Ten ticks a second times some 30 KB: a session with many views stays below Jupyter's 1 MB/s. */
const SHOWN_PER_TICK = 3;

/**
 * What goes into the notebook, and when: a changed view at most once a second, at the end of its run at once, and before
 * the executing cell ends (a headless client reads only until then).
 */
export function reduceOutputs(state: SessionState, operation: Operation): Reduction {
  switch (operation.op) {
    case 'start_cell':
      return { state: { ...state, executing: operation.cellId }, actions: [] };
    case 'end_cell': {
      const shown = showChanged(state, operation.nowMs, () => true);
      return { state: { ...shown.state, executing: '' }, actions: shown.actions };
    }
    case 'attach_run':
      return showFirst(state, operation.run, operation.nowMs);
    case 'open_view':
      return showLate(state, operation.view.run);
    case 'tick':
      return showChanged(
        state,
        operation.nowMs,
        view => operation.nowMs - view.shownAtMs >= SNAPSHOT_INTERVAL_MS,
        SHOWN_PER_TICK
      );
    case 'run_stopped':
    case 'target_closed':
    case 'target_lost':
      return showEnded(state, operation.nowMs);
    default:
      return { state, actions: [] };
  }
}

/** Below the run's card, in the order in which they were opened. */
function showFirst(state: SessionState, run: string, nowMs: number): Reduction {
  const views = new Map(state.views);
  const actions: Action[] = [];
  for (const id of state.runs.get(run)?.views ?? []) {
    const view = views.get(id);
    if (view !== undefined && view.shownVersion < 0) {
      views.set(id, { ...view, shownVersion: view.version, shownAtMs: nowMs });
      actions.push({ do: 'show_view', view: id, update: false });
    }
  }
  return { state: { ...state, views }, actions };
}

/** The last snapshot of a view says that it has ended, whether or not its data has changed. */
function showEnded(state: SessionState, nowMs: number): Reduction {
  const views = new Map(state.views);
  const actions: Action[] = [];
  for (const view of state.views.values()) {
    if (view.isEnded && !view.isFinal && view.shownVersion >= 0) {
      views.set(view.id, { ...view, isFinal: true, shownVersion: view.version, shownAtMs: nowMs });
      actions.push({ do: 'show_view', view: view.id, update: true });
    }
  }
  return actions.length === 0 ? { state, actions } : { state: { ...state, views }, actions };
}

/** A view that a run opens after it was attached (a map that its process made) appears at once. */
function showLate(state: SessionState, id: string): Reduction {
  const run = state.runs.get(id);
  return run?.state === 'attached' && run.isShown ? showFirst(state, id, 0) : { state, actions: [] };
}

function showChanged(
  state: SessionState,
  nowMs: number,
  isDue: (view: ViewRecord) => boolean,
  limit = Infinity
): Reduction {
  const views = new Map(state.views);
  const actions: Action[] = [];
  const changed = [...state.views.values()].filter(
    view => view.shownVersion >= 0 && view.version !== view.shownVersion && isDue(view)
  );
  const oldestFirst = changed.length > limit ? changed.sort((a, b) => a.shownAtMs - b.shownAtMs) : changed;
  for (const view of oldestFirst.slice(0, limit)) {
    views.set(view.id, { ...view, shownVersion: view.version, shownAtMs: nowMs });
    actions.push({ do: 'show_view', view: view.id, update: true });
  }
  return actions.length === 0 ? { state, actions } : { state: { ...state, views }, actions };
}
