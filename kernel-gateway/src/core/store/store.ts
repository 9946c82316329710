/**
 * Data of one live output. Rows are kept as raw bytes with their type; columns are read when a window asks, so that
 * receiving costs no more than a copy. Bounded: the oldest rows are evicted and counted.
 */
import type {
  ColumnSpec,
  HistogramSeries,
  Losses,
  Snapshot,
  StoreState,
  WindowMessage,
  WindowRequest
} from '../../protocol/index.js';
import type { RowsRequest, StoreRows } from './store-rows.js';

/** Everything that looks at data is a client of this: live views, snapshots, `%wait`, export, replay. */
export interface Store {
  readonly columns: ColumnSpec[];
  readonly totalRows: bigint;
  readonly state: StoreState;
  readonly losses: Losses;
  /** Increases with every change; windows and snapshots are made anew only then. */
  readonly version: number;
  /** The asked rows, and one or two buffers per column (see protocol/store.ts), each of exact length. */
  window(request: WindowRequest): { message: WindowMessage; buffers: Uint8Array[] };
  /** Rows as they are now, for whoever reads all of them. @throws LabError BPFLAB_VIEW_FILTER */
  rows(request: RowsRequest): StoreRows;
  snapshot(maxRows: number): Snapshot;
  /** text/plain of the newest contents: a table, or the bcc picture of a histogram. */
  text(maxRows: number): string;
  histograms(): HistogramSeries[] | null;
  end(): void;
}
