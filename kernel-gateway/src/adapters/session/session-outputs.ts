import type { CellOutput } from '../../core/index.js';
import { runDisplay } from '../../core/session/run-bundle.js';
import type { RunRecord } from '../../core/session/session-state.js';
import { viewDisplay } from '../../core/session/view-display.js';
import { OutputPlaces } from './output-places.js';
import type { SessionCore } from './session-core.js';

/** What a session shows: of its cells, and of the runs and views that they leave alive. */
export class SessionOutputs {
  /** Where outputs of runs stand that were started outside of any cell. */
  readonly places = new OutputPlaces();
  readonly #core: SessionCore;
  readonly #lateListeners: ((output: CellOutput) => void)[] = [];
  readonly #listeners = new Set<(output: CellOutput) => void>();
  #sink: ((output: CellOutput) => void) | null = null;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Outputs go to `sink` while a cell executes, else to the listeners for late ones. */
  setSink(sink: ((output: CellOutput) => void) | null): void {
    this.#sink = sink;
  }

  /** Hears of outputs that come while no cell executes. */
  onLate(listener: (output: CellOutput) => void): void {
    this.#lateListeners.push(listener);
  }

  /** Hears of every output until the result is called. */
  listen(listener: (output: CellOutput) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends an output to whoever takes outputs now. */
  show(output: CellOutput): void {
    for (const listener of this.#listeners) {
      listener(output);
    }
    if (this.#sink !== null) {
      this.#sink(output);
      return;
    }
    for (const listener of this.#lateListeners) {
      listener(output);
    }
  }

  /** Shows the state of a run. */
  showRun(run: RunRecord, update: boolean): void {
    this.#display(run.id, runDisplay(this.#core.options.id, run), update);
  }

  /** Shows the state of a view now, also when its run is over. */
  showView(id: string, update: boolean): void {
    const live = this.#core.views.get(id);
    const view = this.#core.state.views.get(id);
    if (live === undefined || view === undefined) {
      return;
    }
    const data = viewDisplay(view, live.store, {
      session: this.#core.options.id,
      runState: this.#core.state.runs.get(view.run)?.state ?? 'stopped',
      live
    });
    this.#display(id, data, update);
  }

  /** An output of a run or view; one that takes the place of another is an update of that. */
  #display(id: string, data: Record<string, unknown>, update: boolean): void {
    const { place, isTaken } = this.places.of(id);
    this.show({ kind: 'display', displayId: `${this.#core.options.id}/${place}`, data, update: update || isTaken });
  }
}
