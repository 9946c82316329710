import type { Build, PodSource, SessionCluster, TargetProvider, Toolchain } from '../../core/index.js';
import type { Lab } from '../../core/labs/lab.js';
import { reduce } from '../../core/session/reduce.js';
import { runBundle } from '../../core/session/run-bundle.js';
import {
  initialSessionState,
  isLive,
  type Action,
  type NewView,
  type Operation,
  type RunRecord,
  type SessionState
} from '../../core/session/session-state.js';
import type { SessionClock } from '../../core/session/session-clock.js';
import type { RunBundle, SessionStatus } from '../../protocol/index.js';
import { LabDesk } from './labs/lab-desk.js';
import type { LiveRun } from './live-run.js';
import type { LiveView } from './live-view.js';
import { namePods } from './pods/pod-names.js';
import { SessionOutputs } from './session-outputs.js';
import { SessionPolls } from './session-polls.js';
import { SessionRecorder } from './session-recorder.js';
import { SessionTargets } from './session-targets.js';
import { SessionWaiters } from './session-waiters.js';
import { stopRun } from './stop-run.js';
import type { NotebookPlace, WrittenFiles } from './user-file.js';
import { ViewWindows } from './view-windows.js';

const machineClock: SessionClock = {
  nowMs: () => performance.now(),
  after: (delayMs, then) => {
    const timer = setTimeout(then, delayMs);
    return () => clearTimeout(timer);
  }
};

/** What a session is made of; given by the lab. */
export interface SessionOptions {
  id: string;
  /** Absolute path; files of the session, readable by the compile sandbox. Exists. */
  folder: string;
  toolchain: Toolchain;
  /** The target of that name (`vm`, `host`, `replay:FILE`), null when there is none. */
  findProvider(name: string): TargetProvider | null;
  /** Name of the target that cells use when they name none, and the kernel it shall have (null: its default). */
  target: string;
  kernel: string | null;
  /** The pods of the cluster that the kubeconfig names. */
  pods: PodSource;
  /** The same cluster, for the cells that ask and change it; closed by `onClosed`. */
  cluster: SessionCluster;
  /** Words that run a program of the lab image, or one that was linked in it, on the target of that name. */
  labCommand(target: string, program: string): string[];
  /** Where the notebook is now, for files of the user; null: there is none. */
  notebook(): NotebookPlace | null;
  /** The lab that the notebook is of, read anew; null: of none. */
  findLab(): Promise<Lab | null>;
  /** One line for each installed kernel, for `%kernels`. */
  describeKernels(): Promise<string[]>;
  /** Time of the session; absent: the machine's. */
  clock?: SessionClock;
  /** Number of the first run; 1 when absent. */
  firstRun?: number;
  /** How long it took to begin runs, by their ids, where that is known beforehand: of a recording. */
  timings?: ReadonlyMap<string, RunBundle['timing_us']>;
  /** The session is recorded into this file from its first target on. */
  recordFile?: string | null;
  /** The session begins to end. */
  onClosing?(): void;
  /** Is given what reads all maps of the session anew. */
  onRefresh?(refresh: () => Promise<void>): void;
  /** Called once when the session has ended and its targets are gone. */
  onClosed(): Promise<void>;
}

/** Hears of views as they come and change; the command line and the tests read stores through it. */
export interface ViewObserver {
  opened(view: NewView, live: LiveView): void;
  changed(view: string): void;
}

/** State, data and targets of one session; the only place where actions of the reducer are performed. */
export class SessionCore {
  readonly options: SessionOptions;
  readonly runs = new Map<string, LiveRun>();
  readonly views = new Map<string, LiveView>();
  readonly windows: ViewWindows;
  /** Newest build of each BPF cell by name: skeletons for `%%user`. */
  readonly builds = new Map<string, Build>();
  readonly targets: SessionTargets;
  readonly recorder: SessionRecorder;
  readonly writtenFiles: WrittenFiles = new Map();
  readonly waiters: SessionWaiters;
  readonly outputs: SessionOutputs;
  readonly polls: SessionPolls;
  readonly labDesk: LabDesk;
  readonly #statusListeners: ((status: SessionStatus) => void)[] = [];
  readonly #observers: ViewObserver[] = [];
  #state: SessionState;
  #isStatusDue = false;

  constructor(options: SessionOptions) {
    this.options = options;
    this.#state = initialSessionState(options.id, options.target, options.firstRun);
    this.recorder = new SessionRecorder(this, options.recordFile ?? null);
    this.waiters = new SessionWaiters(this.clock);
    this.windows = new ViewWindows((view, viewers) => this.dispatch({ op: 'watch_view', view, viewers }));
    this.targets = new SessionTargets(this);
    this.outputs = new SessionOutputs(this);
    this.polls = new SessionPolls(this);
    this.labDesk = new LabDesk(this);
    options.onRefresh?.(() => this.polls.readAll());
  }

  get clock(): SessionClock {
    return this.options.clock ?? machineClock;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Milliseconds of a clock that only goes forward. */
  now(): number {
    return this.clock.nowMs();
  }

  /** Says how long it took to begin a run: what was recorded of it counts, and a recording has it from here. */
  timeRun(run: string, measured: RunBundle['timing_us']): void {
    const timingUs = this.options.timings?.get(run) ?? measured;
    this.recorder.timeRun(run, timingUs);
    this.dispatch({ op: 'describe_run', run, facts: { timingUs } });
  }

  /** Changes the state and does what follows from it. */
  dispatch(operation: Operation): void {
    const { state, actions } = reduce(this.#state, operation);
    this.#state = state;
    for (const action of actions) {
      this.#perform(action);
    }
    this.polls.keepTicking(this.liveRuns().length > 0);
    this.waiters.changed();
  }

  onStatus(listener: (status: SessionStatus) => void): void {
    this.#statusListeners.push(listener);
  }

  observe(observer: ViewObserver): void {
    this.#observers.push(observer);
  }

  /** Adds a view and its data; it is displayed when its run is attached. */
  openView(view: NewView, live: LiveView): void {
    this.views.set(view.id, live);
    namePods(this, view, live);
    this.dispatch({ op: 'open_view', view });
    for (const observer of this.#observers) {
      observer.opened(view, live);
    }
  }

  /** A feeder has put data into the store of a view. */
  viewChanged(view: string): void {
    const live = this.views.get(view);
    const record = this.#state.views.get(view);
    if (live === undefined || record === undefined) {
      return;
    }
    this.dispatch({ op: 'change_view', view, version: live.store.version });
    if (record.kind === 'events' || record.kind === 'printk') {
      this.dispatch({ op: 'count_events', run: record.run, events: this.#countEvents(record.run), nowMs: this.now() });
    }
    this.windows.changed(view);
    for (const observer of this.#observers) {
      observer.changed(view);
    }
  }

  /** The run of that id or, when there is none, the newest one of that name. */
  findRun(name: string): RunRecord | undefined {
    return this.#state.runs.get(name) ?? [...this.#state.runs.values()].findLast(run => run.name === name);
  }

  liveRuns(): RunRecord[] {
    return [...this.#state.runs.values()].filter(isLive);
  }

  /** Ends a run and waits until nothing of it is left. */
  async stop(run: string, reason: string): Promise<void> {
    this.dispatch({ op: 'ask_stop', run, reason, nowMs: this.now() });
    await this.runs.get(run)?.ended;
  }

  status(): SessionStatus {
    const { target, runs } = this.#state;
    return {
      type: 'status',
      session: this.options.id,
      target: target.name,
      target_state: target.state,
      kernel_release: target.kernelRelease || this.targets.chosenKernel(target.name),
      arch: target.arch,
      message: target.message,
      runs: [...runs.values()].map(run => runBundle(this.options.id, run)),
      ...(this.recorder.fileName === '' ? {} : { recording: this.recorder.fileName })
    };
  }

  /** Ends everything; the session takes no more cells. */
  async close(): Promise<void> {
    this.options.onClosing?.();
    await this.targets.closeAll('the session ended');
    await this.recorder.end();
    this.polls.keepTicking(false);
    for (const [view, live] of this.views) {
      this.windows.drop(view);
      live.dispose?.();
    }
  }

  #perform(action: Action): void {
    switch (action.do) {
      case 'stop_run':
        void stopRun(this, action.run, action.reason);
        return;
      case 'show_run':
        return this.#showRun(action.run, action.update);
      case 'show_view':
        return this.outputs.showView(action.view, action.update);
      case 'poll_map':
        void this.polls.readView(action.view);
        return;
      case 'poll_stats':
        void this.polls.readStats();
        return;
      case 'end_view':
        this.views.get(action.view)?.store.end();
        this.windows.changed(action.view);
        return;
      case 'drop_view':
        this.windows.drop(action.view);
        this.views.get(action.view)?.dispose?.();
        this.views.delete(action.view);
        return;
      case 'send_status':
        return this.#sendStatusSoon();
    }
  }

  /** Who waits for the end of a run goes on when it has been shown. */
  #showRun(id: string, update: boolean): void {
    const run = this.#state.runs.get(id);
    if (run === undefined) {
      return;
    }
    this.outputs.showRun(run, update);
    if (!isLive(run)) {
      this.runs.get(id)?.markEnded();
    }
  }

  /** Several changes of one turn are told once. */
  #sendStatusSoon(): void {
    if (this.#isStatusDue || this.#statusListeners.length === 0) {
      return;
    }
    this.#isStatusDue = true;
    queueMicrotask(() => {
      this.#isStatusDue = false;
      const status = this.status();
      for (const listener of this.#statusListeners) {
        listener(status);
      }
    });
  }

  #countEvents(run: string): number {
    let events = 0n;
    for (const view of this.#state.views.values()) {
      if (view.run === run && (view.kind === 'events' || view.kind === 'printk')) {
        events += this.views.get(view.id)?.store.totalRows ?? 0n;
      }
    }
    return Number(events);
  }
}
