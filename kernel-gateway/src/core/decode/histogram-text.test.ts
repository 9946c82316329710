import { describe, expect, it } from 'vitest';
import type { HistogramSeries } from '../../protocol/index.js';
import { histogramsText } from './histogram-text.js';

const log2 = (counts: number[], unit = ''): HistogramSeries => ({
  key: '',
  scale: 'log2',
  unit,
  buckets: counts.map((count, index) => ({
    low: index === 0 ? '0' : String(2n ** BigInt(index)),
    high: String(2n ** BigInt(index + 1) - 1n),
    count: String(count)
  }))
});

describe('histogramsText', () => {
  // The layout of bcc's published examples (tools/biolatency_example.txt).
  it('draws a log2 histogram as bcc does', () => {
    expect(histogramsText([log2([0, 0, 0, 2, 5, 17, 0, 1], 'usecs')], '')).toBe(
      [
        '     usecs               : count     distribution',
        '         0 -> 1          : 0        |                                        |',
        '         2 -> 3          : 0        |                                        |',
        '         4 -> 7          : 0        |                                        |',
        '         8 -> 15         : 2        |****                                    |',
        '        16 -> 31         : 5        |***********                             |',
        '        32 -> 63         : 17       |****************************************|',
        '        64 -> 127        : 0        |                                        |',
        '       128 -> 255        : 1        |**                                      |'
      ].join('\n')
    );
  });

  it('has wider bounds and half the stars when values need more than ten digits', () => {
    const lines = histogramsText([log2([...Array.from({ length: 33 }, () => 0), 4], 'nsecs')], '').split('\n');
    expect(lines[0]).toBe('               nsecs                         : count     distribution');
    expect(lines.at(-1)).toBe('          8589934592 -> 17179869183          : 4        |********************|');
  });

  it('draws a linear histogram as bcc does', () => {
    const series: HistogramSeries = {
      ...{ key: '', scale: 'linear', unit: 'runqlen' },
      buckets: [4, 0, 1].map((count, index) => ({ low: String(index), high: String(index), count: String(count) }))
    };
    expect(histogramsText([series], '')).toBe(
      [
        '     runqlen       : count     distribution',
        '        0          : 4        |****************************************|',
        '        1          : 0        |                                        |',
        '        2          : 1        |**********                              |'
      ].join('\n')
    );
  });

  it('stays exact beyond 53 bits', () => {
    const series = { ...log2([1]), buckets: [{ low: '0', high: '1', count: '18446744073709551615' }] };
    expect(histogramsText([series], '')).toContain(': 18446744073709551615 |****************************************|');
  });

  it('puts the key over each of several', () => {
    const text = histogramsText(
      [
        { ...log2([1]), key: 'sda' },
        { ...log2([]), key: 'sdb' }
      ],
      'disk'
    );
    expect(text.split('\n')[0]).toBe('disk = sda');
    expect(text).toMatch(/\n\ndisk = sdb\n\(no values yet\)$/);
  });
});
