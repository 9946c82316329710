import { LabError } from '../../protocol/index.js';
import { describeNodes } from './describe-nodes.js';
import type { SessionCore } from './session-core.js';

const TICK_MS = 100;
/** Between two samples of a stream's course over time. */
const SAMPLE_INTERVAL_MS = 1000;

/** What a session reads again and again while something of it runs: maps, statistics, the course of streams. */
export class SessionPolls {
  readonly #core: SessionCore;
  /** The newest read of each view that is being read. */
  readonly #reads = new Map<string, Promise<void>>();
  #ticker: NodeJS.Timeout | null = null;
  #sampledAtMs = -Infinity;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Starts or stops the clock, as runs are there or not. */
  keepTicking(isNeeded: boolean): void {
    if (isNeeded && this.#ticker === null) {
      this.#ticker = setInterval(() => {
        this.#core.dispatch({ op: 'tick', nowMs: this.#core.now() });
        this.#sample();
      }, TICK_MS);
    } else if (!isNeeded && this.#ticker !== null) {
      clearInterval(this.#ticker);
      this.#ticker = null;
    }
  }

  /** Reads a map view anew, with the names of what it shows; a target that is lost meanwhile is told elsewhere. */
  async readView(view: string): Promise<void> {
    await this.readRows(view);
    await this.#core.views.get(view)?.named?.();
  }

  /**
   * Reads the rows of a map view anew and waits for no names. Reads of one view come one after the other: its store takes
   * one at a time, and who asks during a read wants what came after its begin.
   */
  async readRows(view: string): Promise<void> {
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

  /** Reads all maps of live runs anew. */
  async readAll(): Promise<void> {
    const views = [...this.#core.state.views.values()].filter(view => view.isPolled && !view.isEnded);
    await Promise.all(views.map(view => this.readView(view.id)));
  }

  /** Reads run counts and times of all programs of the session. */
  async readStats(): Promise<void> {
    const core = this.#core;
    const connections = new Set(core.liveRuns().map(run => core.runs.get(run.id)?.connection));
    for (const connection of connections) {
      try {
        const stats = await connection?.request('stats', {});
        core.dispatch({
          op: 'count_stats',
          stats: (stats?.programs ?? []).map(one => ({
            run: one.run,
            id: one.id,
            runCount: one.run_count,
            runTimeNs: one.run_time_ns
          }))
        });
        this.#describeNodes();
      } catch (error) {
        if (!(error instanceof LabError)) {
          throw error;
        }
      }
    }
  }

  #describeNodes(): void {
    for (const { id } of this.#core.liveRuns()) {
      const run = this.#core.runs.get(id);
      if (run !== undefined) {
        describeNodes(this.#core, run);
      }
    }
  }

  async #read(view: string): Promise<void> {
    const core = this.#core;
    const startMs = core.now();
    try {
      await core.views.get(view)?.refresh?.();
    } catch (error) {
      if (!(error instanceof LabError)) {
        throw error;
      }
    }
    const nowMs = core.now();
    core.dispatch({ op: 'poll_done', view, tookMs: nowMs - startMs, nowMs });
    core.viewChanged(view);
  }

  /** Lets the streams take a sample of their course over time, once a second. */
  #sample(): void {
    const nowMs = this.#core.now();
    if (nowMs - this.#sampledAtMs < SAMPLE_INTERVAL_MS) {
      return;
    }
    this.#sampledAtMs = nowMs;
    for (const [id, live] of this.#core.views) {
      if (live.sample !== undefined && this.#core.state.views.get(id)?.isEnded === false) {
        live.sample();
        this.#core.windows.changed(id);
      }
    }
  }
}
