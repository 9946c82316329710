import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistogramSeries } from 'kernel-gateway/protocol';
import { filledRange, histogramRows, histogramText, totalCount, unionRange } from './histogram-geometry.js';

function series(counts: (bigint | number)[]): HistogramSeries {
  const buckets = counts.map((count, slot) => ({
    low: String(slot === 0 ? 0n : 1n << BigInt(slot)),
    high: String((1n << BigInt(slot + 1)) - 1n),
    count: String(count)
  }));
  return { key: '', scale: 'log2', unit: 'usecs', buckets };
}

describe('filledRange', () => {
  it('goes from the first to the last bucket that is not empty', () => {
    expect(filledRange(series([0, 0, 3, 0, 1, 0]))).toEqual({ first: 2, last: 4 });
    expect(filledRange(series([0, 0]))).toBeNull();
  });
});

describe('unionRange', () => {
  it('never takes a row away', () => {
    expect(unionRange({ first: 2, last: 4 }, { first: 3, last: 9 })).toEqual({ first: 2, last: 9 });
    expect(unionRange({ first: 2, last: 4 }, null)).toEqual({ first: 2, last: 4 });
  });
});

describe('histogramRows', () => {
  it('keeps empty rows between full ones', () => {
    const rows = histogramRows(series([0, 4, 0, 8]), { first: 1, last: 3 });
    expect(rows.map(({ count, share }) => [count, share])).toEqual([
      ['4', 0.5],
      ['0', 0],
      ['8', 1]
    ]);
  });

  it('gives the largest count the whole width, exactly, for any 64-bit counts', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { minLength: 1 }), counts => {
        const all = series(counts);
        const rows = histogramRows(all, { first: 0, last: counts.length - 1 });
        const largest = counts.reduce((a, b) => (a > b ? a : b));
        rows.forEach(({ share }, index) => {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
          if (counts[index] === largest) {
            expect(share).toBe(largest === 0n ? 0 : 1);
          }
        });
        expect(totalCount(all)).toBe(counts.reduce((a, b) => a + b, 0n));
      })
    );
  });
});

describe('histogramText', () => {
  it('draws as bcc does', () => {
    expect(histogramText(series([0, 1, 0, 2]))).toBe(
      [
        'usecs   : count distribution',
        '2 -> 3  : 1     |********************                    |',
        '4 -> 7  : 0     |                                        |',
        '8 -> 15 : 2     |****************************************|',
        ''
      ].join('\n')
    );
  });
});
