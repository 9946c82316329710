import type { HistogramSeries } from 'kernel-gateway/protocol';

/** One drawn row: inclusive bounds and count in decimal, and the bar's part of the longest bar, 0 … 1. */
export interface IHistogramRow {
  low: string;
  high: string;
  count: string;
  share: number;
}

/** Buckets `first … last` of a series, both included. */
export interface IBucketRange {
  first: number;
  last: number;
}

/** The buckets from the first to the last that is not empty; null when all are. */
export function filledRange(series: HistogramSeries): IBucketRange | null {
  const filled = (bucket: { count: string }): boolean => bucket.count !== '0';
  const first = series.buckets.findIndex(filled);
  return first === -1 ? null : { first, last: series.buckets.findLastIndex(filled) };
}

/** The smallest range with both: a live histogram's rows only ever grow, so that they stay where they are. */
export function unionRange(a: IBucketRange | null, b: IBucketRange | null): IBucketRange | null {
  if (a === null || b === null) {
    return a ?? b;
  }
  return { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}

/** Sum of a series' counts. */
export const totalCount = (series: HistogramSeries): bigint =>
  series.buckets.reduce((sum, bucket) => sum + BigInt(bucket.count), 0n);

/** Rows of a range, empty ones included; the longest bar is that of the largest count, as bcc draws it. */
export function histogramRows(series: HistogramSeries, range: IBucketRange | null): IHistogramRow[] {
  if (range === null) {
    return [];
  }
  const buckets = series.buckets.slice(range.first, range.last + 1);
  const longest = buckets.reduce((max, bucket) => (BigInt(bucket.count) > max ? BigInt(bucket.count) : max), 0n);
  return buckets.map(({ low, high, count }) => ({
    low,
    high,
    count,
    // In millionths, since counts may be above 2^53.
    share: longest === 0n ? 0 : Number((BigInt(count) * 1_000_000n) / longest) / 1_000_000
  }));
}

/** Width of the bar in bcc's picture, in characters. */
const BCC_BAR_CHARS = 40;

/** The series as bcc prints it, for copying. */
export function histogramText(series: HistogramSeries): string {
  const rows = histogramRows(series, filledRange(series));
  const ranges = rows.map(({ low, high }) => (low === high ? low : `${low} -> ${high}`));
  const rangeChars = Math.max(series.unit.length, 5, ...ranges.map(text => text.length));
  const countChars = Math.max(5, ...rows.map(({ count }) => count.length));
  const lines = [`${(series.unit || 'value').padEnd(rangeChars)} : ${'count'.padEnd(countChars)} distribution`];
  rows.forEach(({ count, share }, index) => {
    const bar = '*'.repeat(Math.floor(share * BCC_BAR_CHARS)).padEnd(BCC_BAR_CHARS);
    lines.push(`${(ranges[index] ?? '').padEnd(rangeChars)} : ${count.padEnd(countChars)} |${bar}|`);
  });
  return `${series.key === '' ? '' : `${series.key}\n`}${lines.join('\n')}\n`;
}
