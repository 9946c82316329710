/**
 * State of one session and what may happen to it. `reduce` is the only writer; the adapter performs the actions that it
 * answers. Times are milliseconds of a monotonic clock that the adapter reads; nothing here looks at a clock.
 */
import type { RunBundle, RunNode, RunProgram, RunState, ViewKind } from '../../protocol/index.js';

/** Between two polls of a map, two snapshots into the notebook, two readings of the run-time statistics. */
export const SNAPSHOT_INTERVAL_MS = 1000;
/** Between two polls of a map that somebody looks at. */
export const WATCHED_POLL_INTERVAL_MS = 500;
/** Runs that have ended and whose data is kept for windows; the oldest beyond lose theirs. */
export const ENDED_RUNS_KEPT = 48;

/** The target that cells use when they name none. `message` is one sentence when something is wrong or under way. */
export interface TargetState {
  name: string;
  state: 'none' | 'starting' | 'ready' | 'lost';
  kernelRelease: string;
  arch: string;
  message: string;
}

/** What an executed cell left alive, and what became of it. */
export interface RunRecord {
  id: string;
  name: string;
  cellId: string;
  cell: RunBundle['cell'];
  state: RunState;
  /** Why it ended; one sentence. */
  reason: string;
  /** A stop was asked for; its reply has not come. */
  isStopping: boolean;
  target: string;
  kernelRelease: string;
  programs: RunProgram[];
  /** Where it runs on many nodes: each of them; else empty. */
  nodes: RunNode[];
  timingUs: RunBundle['timing_us'];
  views: string[];
  added: string;
  /** `--for`: ends then; null: no end of its own. */
  endsAtMs: number | null;
  /** `--events`: ends when its rings and prints have given so many; null: no limit. */
  eventLimit: number | null;
  events: number;
  /** Its card is in the notebook. */
  isShown: boolean;
}

/** A live output of a run. */
export interface ViewRecord {
  id: string;
  run: string;
  kind: ViewKind;
  title: string;
  /** A map that is read anew instead of a stream that arrives. */
  isPolled: boolean;
  isPolling: boolean;
  polledAtMs: number;
  /** Grows with the cost of reading, so that a large map does not keep its target busy. */
  pollIntervalMs: number;
  viewers: number;
  /** Version of the store now, and of the one in the notebook. */
  version: number;
  shownVersion: number;
  shownAtMs: number;
  isEnded: boolean;
  /** Its last state is in the notebook. */
  isFinal: boolean;
}

/** All that a session knows; a value. */
export interface SessionState {
  id: string;
  target: TargetState;
  runs: ReadonlyMap<string, RunRecord>;
  views: ReadonlyMap<string, ViewRecord>;
  /** Cell that executes now, empty when none does. */
  executing: string;
  nextRun: number;
  statsAtMs: number;
}

/** What is told when a run begins. */
export interface NewRun {
  id: string;
  name: string;
  cellId: string;
  cell: RunBundle['cell'];
  target: string;
  eventLimit: number | null;
}

/** What is told when a view begins. */
export interface NewView {
  id: string;
  run: string;
  kind: ViewKind;
  title: string;
  isPolled: boolean;
}

/** What happens to a session. */
export type Operation =
  | { op: 'open_target'; name: string }
  | { op: 'choose_target'; name: string }
  | { op: 'narrate_target'; name: string; message: string }
  | { op: 'target_ready'; name: string; kernelRelease: string; arch: string }
  | { op: 'target_lost'; name: string; reason: string; nowMs: number }
  | { op: 'target_failed'; name: string; message: string }
  | { op: 'target_closed'; name: string; nowMs: number }
  | { op: 'start_cell'; cellId: string }
  | { op: 'end_cell'; nowMs: number }
  | { op: 'start_run'; run: NewRun }
  | {
      op: 'describe_run';
      run: string;
      facts: Partial<Pick<RunRecord, 'kernelRelease' | 'programs' | 'nodes' | 'timingUs' | 'added'>>;
    }
  | { op: 'attach_run'; run: string; endsAtMs: number | null; nowMs: number; hasCard: boolean }
  | { op: 'show_run'; run: string }
  | { op: 'fail_run'; run: string; reason: string }
  | { op: 'ask_stop'; run: string; reason: string; nowMs: number }
  | { op: 'run_stopped'; run: string; reason: string; nowMs: number }
  | { op: 'count_events'; run: string; events: number; nowMs: number }
  | { op: 'count_stats'; stats: { run: string; id: number; runCount: string; runTimeNs: string }[] }
  | { op: 'open_view'; view: NewView }
  | { op: 'change_view'; view: string; version: number }
  | { op: 'poll_done'; view: string; tookMs: number; nowMs: number }
  | { op: 'watch_view'; view: string; viewers: number }
  | { op: 'tick'; nowMs: number };

/** What must be done so that the new state holds true; in order. */
export type Action =
  | { do: 'stop_run'; run: string; reason: string }
  | { do: 'show_run'; run: string; update: boolean }
  | { do: 'show_view'; view: string; update: boolean }
  | { do: 'poll_map'; view: string }
  | { do: 'poll_stats' }
  | { do: 'end_view'; view: string }
  | { do: 'drop_view'; view: string }
  | { do: 'send_status' };

/** Next state and what follows from it. */
export interface Reduction {
  state: SessionState;
  actions: Action[];
}

/** A target that is not open. */
export function noTarget(name: string): TargetState {
  return { name, state: 'none', kernelRelease: '', arch: '', message: '' };
}

/** A session that has done nothing yet; its first run has the number `nextRun`. */
export function initialSessionState(id: string, targetName: string, nextRun = 1): SessionState {
  return {
    id,
    target: noTarget(targetName),
    runs: new Map(),
    views: new Map(),
    executing: '',
    nextRun,
    statsAtMs: 0
  };
}

/** True while something of the run is alive in the target, or about to be. */
export function isLive(run: RunRecord): boolean {
  return run.state === 'starting' || run.state === 'attached';
}
