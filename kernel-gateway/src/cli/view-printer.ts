import { mapKinds } from '../core/session/map-kinds.js';
import type { NewView } from '../core/session/session-state.js';
import { readWindow, type WindowCell } from '../core/session/read-window.js';
import type { LiveView } from '../adapters/session/live-view.js';
import type { ViewObserver } from '../adapters/session/session-core.js';
import { MAX_WINDOW_ROWS, type Losses, type WindowRequest } from '../protocol/index.js';
import type { RunOutput, ShownView } from './run-output.js';

/** Most entries of a map that are printed at the end. */
const MAX_MAP_ROWS = 100_000;

interface Printed {
  view: NewView;
  live: LiveView;
  seen: bigint;
}

/** Prints rows of event, printk and text views as they come, and maps and globals when it is asked to. */
export class ViewPrinter implements ViewObserver {
  readonly #output: RunOutput;
  readonly #views = new Map<string, Printed>();
  /** Rows that may still be printed (`--events`). */
  #rowsLeft: number;

  constructor(output: RunOutput, maxEvents: number | null) {
    this.#output = output;
    this.#rowsLeft = maxEvents ?? Infinity;
  }

  opened(view: NewView, live: LiveView): void {
    this.#views.set(view.id, { view, live, seen: 0n });
  }

  changed(id: string): void {
    const printed = this.#views.get(id);
    if (printed === undefined || hasState(printed.view)) {
      return;
    }
    const { store } = printed.live;
    const evicted = BigInt(store.losses.evicted);
    if (evicted > printed.seen) {
      this.#output.skipped(shownView(printed), Number(evicted - printed.seen));
      printed.seen = evicted;
    }
    while (printed.seen < store.totalRows && this.#rowsLeft > 0) {
      const count = Math.min(MAX_WINDOW_ROWS, this.#rowsLeft);
      const rows = readRows(printed.live, Number(printed.seen - evicted), count);
      if (rows.length === 0) {
        return;
      }
      printed.seen += BigInt(rows.length);
      this.#rowsLeft -= printed.view.kind === 'text' ? 0 : rows.length;
      this.#output.rows(shownView(printed), rows);
    }
  }

  /** Prints what the maps and globals of the run held at its end. */
  printMaps(): void {
    for (const printed of this.#views.values()) {
      if (hasState(printed.view)) {
        const rows = readAll(printed.live);
        const series = printed.live.store.histograms();
        const histograms = series === null ? null : { series, text: `\n${printed.live.store.text(MAX_MAP_ROWS)}` };
        this.#output.map(shownView(printed), rows, histograms);
      }
    }
  }

  /** Losses of all event views, by name. */
  losses(): { view: string; losses: Losses }[] {
    return [...this.#views.values()]
      .filter(one => !hasState(one.view))
      .map(one => ({ view: one.live.source, losses: one.live.store.losses }));
  }
}

/** Maps and globals have a state, which is printed at the end; the other views have rows that come. */
function hasState(view: NewView): boolean {
  return mapKinds.has(view.kind) || view.kind === 'globals';
}

function shownView({ live }: Printed): ShownView {
  return { name: live.source, columns: live.store.columns };
}

function readAll(live: LiveView): WindowCell[][] {
  const all: WindowCell[][] = [];
  for (;;) {
    const rows = readRows(live, all.length, MAX_WINDOW_ROWS);
    all.push(...rows);
    if (rows.length < MAX_WINDOW_ROWS || all.length >= MAX_MAP_ROWS) {
      return all;
    }
  }
}

function readRows(live: LiveView, first: number, count: number): WindowCell[][] {
  const request: WindowRequest = { type: 'window', first, count, follow: false, filters: [], paused: false };
  const { message, buffers } = live.store.window(request);
  return readWindow(message, buffers);
}
