import type { Store, ViewSubscription } from '../../core/index.js';
import type { HistoryMark, ViewHistory } from '../../core/session/view-history.js';
import { MAX_WINDOW_HZ, type WindowMessage, type WindowRequest } from '../../protocol/index.js';

const WINDOW_INTERVAL_MS = 1000 / MAX_WINDOW_HZ;

/** What a viewer looks at. */
interface ViewData {
  readonly store: Store;
  readonly history?: ViewHistory;
}

/** Sends one window to one viewer. */
export type SendWindow = (message: WindowMessage, buffers: Uint8Array[]) => void;

/** One viewer of a store: gets a window at once when it asks, and then on change, at most ten times a second. */
class Viewer implements ViewSubscription {
  readonly #store: Store;
  readonly #history: ViewHistory | null;
  readonly #send: SendWindow;
  readonly #onClose: () => void;
  #window: WindowRequest;
  #sentVersion = -1;
  #sentHistory: HistoryMark | null = null;
  #sentAtMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: { view: ViewData; window: WindowRequest; send: SendWindow; onClose: () => void }) {
    this.#store = options.view.store;
    this.#history = options.view.history ?? null;
    this.#window = options.window;
    this.#send = options.send;
    this.#onClose = options.onClose;
  }

  get isPaused(): boolean {
    return this.#window.paused;
  }

  request(window: WindowRequest): void {
    // Who did not look at the course over time for a while may have forgotten it.
    this.#sentHistory = window.history === true && this.#window.history === true ? this.#sentHistory : null;
    this.#window = window;
    this.#sentVersion = -1;
    this.changed();
  }

  close(): void {
    this.#stopTimer();
    this.#window = { ...this.#window, paused: true };
    this.#onClose();
  }

  /** The store has changed: now, or as soon as the last window is old enough. */
  changed(): void {
    if (this.#window.paused || this.#timer !== null || !this.#isNew()) {
      return;
    }
    const waitMs = this.#sentAtMs + WINDOW_INTERVAL_MS - performance.now();
    if (waitMs <= 0) {
      this.#sendNow();
    } else {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#sendNow();
      }, waitMs);
    }
  }

  #sendNow(): void {
    if (this.#window.paused) {
      return;
    }
    this.#sentVersion = this.#store.version;
    const { message, buffers } = this.#store.window(this.#window);
    // Behind the work: a window that takes long to read is no reason to send the next one sooner.
    this.#sentAtMs = performance.now();
    if (this.#history === null || this.#window.history !== true) {
      this.#send(message, buffers);
      return;
    }
    const { part, mark } = this.#history.since(this.#sentHistory);
    this.#sentHistory = mark;
    this.#send({ ...message, history: part }, buffers);
  }

  #isNew(): boolean {
    const isCourseNew =
      this.#window.history === true && this.#history !== null && this.#history.taken !== this.#sentHistory?.sample;
    return isCourseNew || this.#sentVersion !== this.#store.version;
  }

  #stopTimer(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
  }
}

/** All viewers of a session's views. */
export class ViewWindows {
  readonly #viewers = new Map<string, Set<Viewer>>();
  readonly #onViewers: (view: string, count: number) => void;

  /** `onViewers` hears how many look at a view, whenever that changes. */
  constructor(onViewers: (view: string, count: number) => void) {
    this.#onViewers = onViewers;
  }

  open(view: string, data: ViewData, window: WindowRequest, send: SendWindow): ViewSubscription {
    const viewers = this.#viewers.get(view) ?? new Set();
    this.#viewers.set(view, viewers);
    const viewer = new Viewer({
      view: data,
      window,
      send,
      onClose: () => {
        viewers.delete(viewer);
        this.#tell(view);
      }
    });
    viewers.add(viewer);
    viewer.changed();
    this.#tell(view);
    return {
      request: next => {
        viewer.request(next);
        this.#tell(view);
      },
      close: () => viewer.close()
    };
  }

  /** The store of a view has changed. */
  changed(view: string): void {
    for (const viewer of this.#viewers.get(view) ?? []) {
      viewer.changed();
    }
  }

  /** The view is gone: its viewers hear no more. */
  drop(view: string): void {
    for (const viewer of [...(this.#viewers.get(view) ?? [])]) {
      viewer.close();
    }
    this.#viewers.delete(view);
  }

  #tell(view: string): void {
    const viewers = [...(this.#viewers.get(view) ?? [])];
    this.#onViewers(view, viewers.filter(viewer => !viewer.isPaused).length);
  }
}
