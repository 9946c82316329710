import type {
  HistogramSeries,
  HistoryPart,
  Losses,
  StackProfile,
  StoreState,
  WindowMessage
} from 'kernel-gateway/protocol';

/**
 * Rows `first … first + count - 1` of a view after its filter and sort. Counts are exact to 2^53. Cells are text: numbers
 * in decimal, as the store holds them.
 */
export interface IRowWindow {
  readonly first: number;
  readonly count: number;
  /** Rows after the filter. */
  readonly matching: number;
  /** Rows in all, seen or held; decimal. */
  readonly total: string;
  readonly state: StoreState;
  readonly losses: Losses;
  readonly histograms: HistogramSeries[] | null;
  /** Counted stacks, in windows that asked for no rows. */
  readonly stacks: StackProfile | null;
  /** New samples of the course over time, when the request asked for them. */
  readonly history: HistoryPart | null;
  /** Why the expression of the request cannot be read; the window has no rows then. */
  readonly whereError: NonNullable<WindowMessage['where_error']> | null;
  /** Text of a cell; `row` counts from the window's first row. Empty for a column that the window does not have. */
  cell(row: number, column: string): string;
}
