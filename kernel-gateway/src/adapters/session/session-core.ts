import type { Build, CellOutput, PodSource, TargetProvider, Toolchain } from '../../core/index.js';
import { reduce } from '../../core/session/reduce.js';
import { runBundle, runDisplay } from '../../core/session/run-bundle.js';
import {
  initialSessionState,
  isLive,
  type Action,
  type NewView,
  type Operation,
  type RunRecord,
  type SessionState
} from '../../core/session/session-state.js';
import { viewDisplay } from '../../core/session/view-display.js';
import { LabError, type SessionStatus } from '../../protocol/index.js';
import type { LiveRun } from './live-run.js';
import type { LiveView } from './live-view.js';
import { OutputPlaces } from './output-places.js';
import { SessionTargets } from './session-targets.js';
import { stopRun } from './stop-run.js';
import type { NotebookPlace, WrittenFiles } from './user-file.js';
import { ViewWindows } from './view-windows.js';

const TICK_MS = 100;
/** Between two samples of a stream's course over time. */
const SAMPLE_INTERVAL_MS = 1000;

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
  /** Words that run a program of the lab image, or one that was linked in it, on the target of that name. */
  labCommand(target: string, program: string): string[];
  /** Where the notebook is now, for files of the user; null: there is none. */
  notebook(): NotebookPlace | null;
  /** One line for each installed kernel, for `%kernels`. */
  describeKernels(): Promise<string[]>;
  /** Called once when the session has ended and its targets are gone. */
  onClosed(): Promise<void>;
}

/** Hears of views as they come and change; the command line and the tests read stores through it. */
export interface ViewObserver {
  opened(view: NewView, live: LiveView): void;
  changed(view: string): void;
}

interface Waiter {
  isDone(): boolean;
  resolve(): void;
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
  readonly writtenFiles: WrittenFiles = new Map();
  /** Where outputs of runs stand that were started outside of any cell. */
  readonly places = new OutputPlaces();
  readonly #waiters = new Set<Waiter>();
  readonly #statusListeners: ((status: SessionStatus) => void)[] = [];
  readonly #outputListeners: ((output: CellOutput) => void)[] = [];
  readonly #observers: ViewObserver[] = [];
  #state: SessionState;
  #sink: ((output: CellOutput) => void) | null = null;
  #ticker: NodeJS.Timeout | null = null;
  /** The newest read of each view that is being read. */
  readonly #reads = new Map<string, Promise<void>>();
  #isStatusDue = false;
  #sampledAtMs = -Infinity;

  constructor(options: SessionOptions) {
    this.options = options;
    this.#state = initialSessionState(options.id, options.target);
    this.windows = new ViewWindows((view, viewers) => this.dispatch({ op: 'watch_view', view, viewers }));
    this.targets = new SessionTargets(this);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Milliseconds of a clock that only goes forward. */
  now(): number {
    return performance.now();
  }

  /** Changes the state and does what follows from it. */
  dispatch(operation: Operation): void {
    const { state, actions } = reduce(this.#state, operation);
    this.#state = state;
    for (const action of actions) {
      this.#perform(action);
    }
    this.#keepTicking();
    for (const waiter of this.#waiters) {
      if (waiter.isDone()) {
        this.#waiters.delete(waiter);
        waiter.resolve();
      }
    }
  }

  /** Resolves true when `isDone` holds, false when `signal` aborts or the time is over; asked after every change. */
  waitUntil(isDone: () => boolean, options: { signal: AbortSignal; timeoutMs: number | null }): Promise<boolean> {
    if (isDone()) {
      return Promise.resolve(true);
    }
    return new Promise(resolve => {
      const finish = (result: boolean): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        options.signal.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const waiter: Waiter = { isDone, resolve: () => finish(true) };
      const onAbort = (): void => finish(false);
      const timer = options.timeoutMs === null ? undefined : setTimeout(() => finish(isDone()), options.timeoutMs);
      options.signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      if (options.signal.aborted) {
        finish(false);
      }
    });
  }

  /** Outputs go to `sink` while a cell executes, else to the listeners for late ones. */
  setSink(sink: ((output: CellOutput) => void) | null): void {
    this.#sink = sink;
  }

  /** Sends an output to whoever takes outputs now. */
  show(output: CellOutput): void {
    if (this.#sink !== null) {
      this.#sink(output);
      return;
    }
    for (const listener of this.#outputListeners) {
      listener(output);
    }
  }

  onOutput(listener: (output: CellOutput) => void): void {
    this.#outputListeners.push(listener);
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
      kernel_release: target.kernelRelease,
      arch: target.arch,
      message: target.message,
      runs: [...runs.values()].map(run => runBundle(this.options.id, run))
    };
  }

  /** Ends everything; the session takes no more cells. */
  async close(): Promise<void> {
    await this.targets.closeAll('the session ended');
    clearInterval(this.#ticker ?? undefined);
    this.#ticker = null;
    for (const [view, live] of this.views) {
      this.windows.drop(view);
      live.dispose?.();
    }
  }

  /**
   * Reads a map view anew; a target that is lost meanwhile is told elsewhere. Reads of one view come one after the
   * other: its store takes one at a time, and who asks during a read wants what came after its begin.
   */
  async refresh(view: string): Promise<void> {
    const before = this.#reads.get(view);
    const read = (async () => {
      await before;
      await this.#read(view);
    })();
    this.#reads.set(view, read);
    try {
      await read;
    } finally {
      if (this.#reads.get(view) === read) {
        this.#reads.delete(view);
      }
    }
  }

  async #read(view: string): Promise<void> {
    const startMs = this.now();
    try {
      await this.views.get(view)?.refresh?.();
    } catch (error) {
      if (!(error instanceof LabError)) {
        throw error;
      }
    }
    const nowMs = this.now();
    this.dispatch({ op: 'poll_done', view, tookMs: nowMs - startMs, nowMs });
    this.viewChanged(view);
  }

  #perform(action: Action): void {
    switch (action.do) {
      case 'stop_run':
        void stopRun(this, action.run, action.reason);
        return;
      case 'show_run':
        return this.#showRun(action.run, action.update);
      case 'show_view':
        return this.#showView(action.view, action.update);
      case 'poll_map':
        void this.refresh(action.view);
        return;
      case 'poll_stats':
        void this.pollStats();
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

  #showRun(id: string, update: boolean): void {
    const run = this.#state.runs.get(id);
    if (run !== undefined) {
      this.#display(id, runDisplay(this.options.id, run), update);
      if (!isLive(run)) {
        this.runs.get(id)?.markEnded();
      }
    }
  }

  #showView(id: string, update: boolean): void {
    const live = this.views.get(id);
    const view = this.#state.views.get(id);
    if (live === undefined || view === undefined) {
      return;
    }
    const data = viewDisplay(view, live.store, {
      session: this.options.id,
      runState: this.#state.runs.get(view.run)?.state ?? 'stopped',
      live
    });
    this.#display(id, data, update);
  }

  /** An output of a run or view; one that takes the place of another is an update of that. */
  #display(id: string, data: Record<string, unknown>, update: boolean): void {
    const { place, isTaken } = this.places.of(id);
    this.show({ kind: 'display', displayId: `${this.options.id}/${place}`, data, update: update || isTaken });
  }

  /** Shows the state of a view now, also when its run is over. */
  redraw(view: string): void {
    this.#showView(view, true);
  }

  /** Lets the streams take a sample of their course over time, once a second. */
  #sample(): void {
    const nowMs = this.now();
    if (nowMs - this.#sampledAtMs < SAMPLE_INTERVAL_MS) {
      return;
    }
    this.#sampledAtMs = nowMs;
    for (const [id, live] of this.views) {
      if (live.sample !== undefined && this.#state.views.get(id)?.isEnded === false) {
        live.sample();
        this.windows.changed(id);
      }
    }
  }

  /** Reads run counts and times of all programs of the session. */
  async pollStats(): Promise<void> {
    const connections = new Set(this.liveRuns().map(run => this.runs.get(run.id)?.connection));
    for (const connection of connections) {
      try {
        const stats = await connection?.request('stats', {});
        this.dispatch({
          op: 'count_stats',
          stats: (stats?.programs ?? []).map(one => ({
            run: one.run,
            id: one.id,
            runCount: one.run_count,
            runTimeNs: one.run_time_ns
          }))
        });
      } catch (error) {
        if (!(error instanceof LabError)) {
          throw error;
        }
      }
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

  #keepTicking(): void {
    const isNeeded = this.liveRuns().length > 0;
    if (isNeeded && this.#ticker === null) {
      this.#ticker = setInterval(() => {
        this.dispatch({ op: 'tick', nowMs: this.now() });
        this.#sample();
      }, TICK_MS);
    } else if (!isNeeded && this.#ticker !== null) {
      clearInterval(this.#ticker);
      this.#ticker = null;
    }
  }
}
