import type { CellOutcome, CellOutput } from '../core/index.js';
import type { RunRecord } from '../core/session/session-state.js';
import type { ColumnSpec, HistogramSeries, Losses } from '../protocol/index.js';
import type { WindowCell } from '../core/session/read-window.js';

/** A view as the command line shows it. */
export interface ShownView {
  name: string;
  columns: ColumnSpec[];
}

/** Where the command line writes what a run says: aligned text, or JSON lines. */
export interface RunOutput {
  cellOutput(output: CellOutput): void;
  rows(view: ShownView, rows: WindowCell[][]): void;
  /** Rows that were gone before they could be printed. */
  skipped(view: ShownView, count: number): void;
  /** Final contents of a map: rows, or histograms with their picture. */
  map(view: ShownView, rows: WindowCell[][], histograms: { series: HistogramSeries[]; text: string } | null): void;
  started(run: RunRecord): void;
  ended(run: RunRecord, losses: { view: string; losses: Losses }[]): void;
  outcome(outcome: Extract<CellOutcome, { kind: 'failed' }>): void;
}
