import { HISTORY_SAMPLES, type HistoryPart } from 'kernel-gateway/protocol';

const LEFT_PX = 76;
const BOTTOM_PX = 20;
const MIN_ROW_PX = 3;
const MAX_ROW_PX = 14;
const MAX_PLOT_PX = 300;
/** Lines; neighbors share one where there are more buckets. */
const MAX_ROWS = 100;
/** Between two labels of the axis. */
const LABEL_PX = 16;
/** Samples that the width is for at least, so that the first ones are no walls. */
const MIN_SAMPLES = 60;
/** Faintest color of a bucket that is not empty. */
const FAINTEST = 0.12;

/** Buckets `from … to` of the data, drawn as one line, with their sums by sample. */
export interface IHeatRow {
  from: number;
  to: number;
  values: number[];
}

/** Where a heat map's parts stand, in CSS pixels. */
export interface IHeatLayout {
  leftPx: number;
  plotPx: number;
  heightPx: number;
  rowPx: number;
  columnPx: number;
  /** From the first to the last bucket that ever had a value, the lowest first. */
  rows: IHeatRow[];
  /** Largest number of one cell. */
  most: number;
  /** Rows whose lower bound stands at the axis, and the middle of each. */
  labels: { row: IHeatRow; y: number }[];
}

/** A rectangle; `strength` is its color's, 0 … 1. */
export interface IHeatCell {
  x: number;
  y: number;
  width: number;
  height: number;
  strength: number;
}

function heatRows(data: HistoryPart): IHeatRow[] {
  const filled = data.gained.map(values => values.some(value => (value ?? 0) > 0));
  const first = Math.max(0, filled.indexOf(true));
  const last = Math.max(first, filled.lastIndexOf(true));
  const group = Math.ceil((last - first + 1) / MAX_ROWS);
  const rows: IHeatRow[] = [];
  for (let from = first; from <= last; from += group) {
    const to = Math.min(last, from + group - 1);
    const shared = data.gained.slice(from, to + 1);
    rows.push({ from, to, values: data.at_ms.map((_, at) => shared.reduce((sum, one) => sum + (one[at] ?? 0), 0)) });
  }
  return rows;
}

/** Lays out the buckets of a course over time, the lowest at the bottom. */
export function heatLayout(data: HistoryPart, widthPx: number): IHeatLayout {
  const rows = heatRows(data);
  const rowPx = Math.max(MIN_ROW_PX, Math.min(MAX_ROW_PX, Math.floor(MAX_PLOT_PX / rows.length)));
  const samples = Math.min(HISTORY_SAMPLES, Math.max(MIN_SAMPLES, data.at_ms.length));
  const plotPx = Math.max(60, widthPx - LEFT_PX - 8);
  const step = Math.max(1, Math.ceil(LABEL_PX / rowPx));
  return {
    leftPx: LEFT_PX,
    plotPx,
    heightPx: rows.length * rowPx + BOTTOM_PX,
    rowPx,
    columnPx: plotPx / samples,
    rows,
    most: rows.reduce((most, { values }) => values.reduce((max, value) => Math.max(max, value), most), 0),
    labels: rows
      .map((row, index) => ({ row, y: (rows.length - 1 - index) * rowPx + rowPx / 2 }))
      .filter((_, index) => index % step === 0)
  };
}

/** The cells that are not empty; strength grows with the logarithm, as counts do. */
export function heatCells({ leftPx, rowPx, columnPx, rows, most }: IHeatLayout): IHeatCell[] {
  return rows.flatMap(({ values }, index) =>
    values.flatMap((value, sample) =>
      value <= 0
        ? []
        : {
            x: leftPx + sample * columnPx,
            y: (rows.length - 1 - index) * rowPx,
            width: columnPx,
            height: rowPx - 1,
            strength: most <= 1 ? 1 : FAINTEST + (1 - FAINTEST) * (Math.log1p(value) / Math.log1p(most))
          }
    )
  );
}

/** The line and sample at a point, null beside the plot. */
export function heatAt(
  layout: IHeatLayout,
  { x, y }: { x: number; y: number }
): { row: IHeatRow; sample: number } | null {
  const sample = Math.floor((x - layout.leftPx) / layout.columnPx);
  const row = layout.rows[layout.rows.length - 1 - Math.floor(y / layout.rowPx)];
  return row !== undefined && sample >= 0 && sample < row.values.length ? { row, sample } : null;
}
