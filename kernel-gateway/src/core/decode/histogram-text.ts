/**
 * Histograms as bcc prints them (print_log2_hist() and print_linear_hist(), documented in bcc's reference guide), with
 * slot i of a log2 histogram counting values of [2^i, 2^(i+1)), and slot 0 also 0, as libbpf programs fill them.
 */
import type { HistogramSeries } from '../../protocol/index.js';

const STARS = 40;
/** Above this slot bounds have more than ten digits: wider columns, half the stars. */
const NARROW_SLOTS = 32;

function stars(count: bigint, most: bigint, width: number): string {
  if (most === 0n) return ' '.repeat(width);
  const filled = Number((count * BigInt(width)) / most);
  return '*'.repeat(filled).padEnd(width);
}

const mostOf = (series: HistogramSeries): bigint =>
  series.buckets.reduce((most, { count }) => (BigInt(count) > most ? BigInt(count) : most), 0n);

function log2Lines(series: HistogramSeries): string[] {
  const most = mostOf(series);
  const isNarrow = series.buckets.length <= NARROW_SLOTS + 1;
  const width = isNarrow ? 10 : 20;
  const starWidth = isNarrow ? STARS : STARS / 2;
  const unit = series.unit.padEnd(isNarrow ? 19 : 29);
  const header = `${' '.repeat(isNarrow ? 5 : 15)}${unit} : count     distribution`;
  const lines = series.buckets.map(({ low, high, count }) => {
    const range = `${low.padStart(width)} -> ${high.padEnd(width)}`;
    return `${range} : ${count.padEnd(8)} |${stars(BigInt(count), most, starWidth)}|`;
  });
  return [header, ...lines];
}

function linearLines(series: HistogramSeries): string[] {
  const most = mostOf(series);
  const header = `     ${series.unit.padEnd(13)} : count     distribution`;
  const lines = series.buckets.map(
    ({ low, count }) => `        ${low.padEnd(10)} : ${count.padEnd(8)} |${stars(BigInt(count), most, STARS)}|`
  );
  return [header, ...lines];
}

/** One picture per series, each with its key above it when it has one. */
export function histogramsText(series: HistogramSeries[], keyName: string): string {
  const pictures = series.map(one => {
    const title = one.key === '' ? [] : [`${keyName} = ${one.key}`];
    const lines =
      one.buckets.length === 0 ? ['(no values yet)'] : one.scale === 'log2' ? log2Lines(one) : linearLines(one);
    return [...title, ...lines].join('\n');
  });
  return pictures.length === 0 ? '(no values yet)' : pictures.join('\n\n');
}
