import { HISTORY_SAMPLES, HISTORY_SERIES, type HistogramSeries, type HistoryPart } from '../../protocol/index.js';

/** Series that are remembered; more are counted and not kept. */
const KEPT_SERIES = 256;

/** One number that is looked at again and again. */
export interface Counter {
  name: string;
  value: bigint;
  low?: string;
  high?: string;
}

interface Series {
  label: Omit<Counter, 'value'>;
  last: bigint | null;
  values: (number | null)[];
  gained: (number | null)[];
  /** Sum of what is in `gained`, without sign: who changes most stands first. */
  weight: number;
}

/** What a viewer has got: samples before `sample`, of these series. */
export interface HistoryMark {
  sample: number;
  series: string;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * The course of a view's counters over time, bounded in samples and series. `rate` keeps what each gained per second,
 * `heat` what each bucket gained since the sample before.
 */
export class ViewHistory {
  readonly #kind: HistoryPart['kind'];
  readonly #unit: string;
  readonly #series = new Map<string, Series>();
  readonly #atMs: number[] = [];
  /** Samples that were taken in all; the last ones are kept. */
  #taken = 0;
  #omitted = 0;
  #lastMonotonicMs = 0;
  /** Of the first sample: what its time is, less what the clock that only goes forward said. */
  #originMs = 0;

  constructor(kind: HistoryPart['kind'], unit: string) {
    this.#kind = kind;
    this.#unit = unit;
  }

  /** Increases with every sample. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Adds a sample. `unixMs` is for people and counts for the first sample; times and rates of the others are made of
   * `monotonicMs`, which no clock change touches.
   */
  take(counters: readonly Counter[], unixMs: number, monotonicMs: number): void {
    const seconds = (monotonicMs - this.#lastMonotonicMs) / 1000;
    if (this.#taken > 0 && seconds <= 0) return;
    this.#lastMonotonicMs = monotonicMs;
    if (this.#taken === 0) this.#originMs = unixMs - monotonicMs;
    const seen = new Set<string>();
    this.#omitted = 0;
    for (const counter of counters) {
      const series = this.#seriesOf(counter);
      if (series === null) {
        this.#omitted++;
        continue;
      }
      seen.add(counter.name);
      this.#add(series, counter.value, seconds);
    }
    for (const [name, series] of this.#series) if (!seen.has(name)) this.#add(series, null, seconds);
    this.#atMs.push(Math.round(this.#originMs + monotonicMs));
    this.#taken++;
    if (this.#atMs.length > HISTORY_SAMPLES) this.#forgetOldest();
  }

  /** Samples that the viewer of that mark has not got, or all when its series are others now. */
  since(mark: HistoryMark | null): { part: HistoryPart; mark: HistoryMark } {
    const shown = this.#shown();
    const series = JSON.stringify(shown.map(one => one.label));
    const kept = this.#atMs.length;
    const isWhole = mark === null || mark.series !== series || this.#taken - mark.sample > kept;
    const from = isWhole ? 0 : kept - (this.#taken - mark.sample);
    const part: HistoryPart = {
      kind: this.#kind,
      unit: this.#unit,
      series: shown.map(one => one.label),
      omitted: this.#kind === 'heat' ? 0 : this.#series.size - shown.length + this.#omitted,
      is_whole: isWhole,
      at_ms: this.#atMs.slice(from),
      gained: shown.map(one => one.gained.slice(from)),
      ...(this.#kind === 'heat' ? {} : { values: shown.map(one => one.values.slice(from)) })
    };
    return { part, mark: { sample: this.#taken, series } };
  }

  /** Buckets all, in their order; of counters those that change most, in the order in which they came. */
  #shown(): Series[] {
    const all = [...this.#series.values()];
    if (this.#kind === 'heat' || all.length <= HISTORY_SERIES) return all;
    const heaviest = new Set([...all].sort((a, b) => b.weight - a.weight).slice(0, HISTORY_SERIES));
    return all.filter(series => heaviest.has(series));
  }

  #seriesOf({ name, low, high }: Counter): Series | null {
    const known = this.#series.get(name);
    if (known !== undefined) return known;
    if (this.#series.size >= KEPT_SERIES) return null;
    const before = new Array<null>(this.#atMs.length).fill(null);
    const label = { name, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
    const made: Series = { label, last: null, values: [...before], gained: [...before], weight: 0 };
    // A bucket that appears was 0 all the time; what stood before a counter that appears is not known.
    if (this.#kind === 'heat' && this.#taken > 0) made.last = 0n;
    this.#series.set(name, made);
    return made;
  }

  #add(series: Series, value: bigint | null, seconds: number): void {
    const gained = value === null || series.last === null ? null : Number(value - series.last);
    const shown = gained === null ? null : round(this.#kind === 'rate' ? gained / seconds : gained);
    series.gained.push(shown);
    series.values.push(value === null ? null : Number(value));
    series.weight += Math.abs(shown ?? 0);
    series.last = value;
  }

  #forgetOldest(): void {
    this.#atMs.shift();
    for (const [name, series] of this.#series) {
      series.weight -= Math.abs(series.gained.shift() ?? 0);
      series.values.shift();
      if (series.values.every(value => value === null)) this.#series.delete(name);
    }
  }
}

/** Buckets of all histograms of a map together, as counters of its course over time. */
export function bucketCounters(histograms: readonly HistogramSeries[]): Counter[] {
  const counters: Counter[] = [];
  for (const { buckets } of histograms) {
    buckets.forEach(({ low, high, count }, index) => {
      const before = counters[index];
      if (before === undefined) counters[index] = { name: low, low, high, value: BigInt(count) };
      else before.value += BigInt(count);
    });
  }
  return counters;
}
