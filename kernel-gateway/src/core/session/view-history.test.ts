import { describe, expect, it } from 'vitest';
import { HISTORY_SAMPLES, HISTORY_SERIES } from '../../protocol/index.js';
import { bucketCounters, ViewHistory, type Counter, type HistoryMark } from './view-history.js';

const counters = (values: Record<string, bigint>): Counter[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

describe('the course of counters over time', () => {
  it('is what each gained per second, by the clock that only goes forward', () => {
    const history = new ViewHistory('rate', 'events');
    history.take(counters({ a: 10n }), 1_000_000, 5000);
    history.take(counters({ a: 30n }), 900_000, 7000);
    history.take(counters({ a: 30n }), 900_001, 7500);
    const { part } = history.since(null);
    expect(part.gained).toEqual([[null, 10, 0]]);
    expect(part.values).toEqual([[10, 30, 30]]);
    expect(part.at_ms).toEqual([1_000_000, 1_002_000, 1_002_500]);
  });

  it('is exact where a double is not', () => {
    const history = new ViewHistory('rate', '');
    history.take(counters({ a: 2n ** 63n }), 0, 1000);
    history.take(counters({ a: 2n ** 63n + 3n }), 0, 2000);
    expect(history.since(null).part.gained).toEqual([[null, 3]]);
  });

  it('sends what is new to who has the rest, and all when the series are others', () => {
    const history = new ViewHistory('rate', '');
    history.take(counters({ a: 1n }), 1, 1000);
    const first = history.since(null);
    expect(first.part).toMatchObject({ is_whole: true, at_ms: [1] });
    history.take(counters({ a: 2n }), 2, 2000);
    const second = history.since(first.mark);
    expect(second.part).toMatchObject({ is_whole: false, at_ms: [1001], gained: [[1]] });
    expect(history.since(second.mark).part.at_ms).toEqual([]);
    history.take(counters({ a: 2n, b: 5n }), 3, 3000);
    const third = history.since(second.mark);
    expect(third.part).toMatchObject({
      is_whole: true,
      gained: [
        [null, 1, 0],
        [null, null, null]
      ]
    });
  });

  it('says that a counter was not there, before it came and after it went', () => {
    const history = new ViewHistory('rate', '');
    history.take(counters({ a: 1n }), 1, 1000);
    history.take(counters({ b: 1n }), 2, 2000);
    history.take(counters({ a: 4n, b: 2n }), 3, 3000);
    expect(history.since(null).part.gained).toEqual([
      [null, null, null],
      [null, null, 1]
    ]);
  });

  it('is bounded in samples: the oldest go, and a viewer that was away too long gets all', () => {
    const history = new ViewHistory('rate', '');
    let mark: HistoryMark | null = null;
    for (let sample = 0; sample < HISTORY_SAMPLES + 50; sample++) {
      history.take(counters({ a: BigInt(sample) }), sample, (sample + 1) * 1000);
      if (sample === 10) mark = history.since(null).mark;
    }
    const { part } = history.since(mark);
    expect(part.is_whole).toBe(true);
    expect(part.at_ms).toHaveLength(HISTORY_SAMPLES);
    expect(part.at_ms[0]).toBe(50_000);
    expect(part.gained[0]).toHaveLength(HISTORY_SAMPLES);
  });

  it('shows the counters that change most and tells how many more there are', () => {
    const history = new ViewHistory('rate', '');
    const many = (step: bigint): Counter[] =>
      Array.from({ length: 300 }, (_, index) => ({ name: `k${index}`, value: step * BigInt(index) }));
    history.take(many(0n), 0, 1000);
    history.take(many(1n), 1, 2000);
    const { part } = history.since(null);
    expect(part.series.map(one => one.name)).toEqual(
      Array.from({ length: HISTORY_SERIES }, (_, index) => `k${256 - HISTORY_SERIES + index}`)
    );
    expect(part.omitted).toBe(300 - HISTORY_SERIES);
  });

  it('of a histogram is what each bucket gained, of all its keys together', () => {
    const series = (counts: string[]) => ({
      key: '',
      scale: 'log2' as const,
      unit: 'us',
      buckets: counts.map((count, slot) => ({ low: String(slot), high: String(slot), count }))
    });
    const history = new ViewHistory('heat', 'us');
    history.take(bucketCounters([series(['1', '2'])]), 1, 1000);
    history.take(bucketCounters([series(['1', '5']), series(['4', '0', '7'])]), 2, 3000);
    const { part } = history.since(null);
    expect(part.series.map(one => one.low)).toEqual(['0', '1', '2']);
    // A bucket that comes later was empty before.
    expect(part.gained).toEqual([
      [null, 4],
      [null, 3],
      [null, 7]
    ]);
    expect(part.values).toBeUndefined();
  });
});
