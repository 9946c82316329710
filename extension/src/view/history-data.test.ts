import { HISTORY_SAMPLES, type HistoryPart } from 'kernel-gateway/protocol';
import { describe, expect, it } from 'vitest';
import { HistoryData } from './history-data.js';

const part = (isWhole: boolean, ...samples: number[]): HistoryPart => ({
  kind: 'rate',
  unit: '',
  series: [{ name: 'a' }],
  omitted: 0,
  is_whole: isWhole,
  at_ms: samples,
  gained: [samples.map(sample => sample * 10)],
  values: [samples]
});

describe('a course over time as a viewer has it', () => {
  it('is what came, part after part, until a whole one comes', () => {
    const data = new HistoryData();
    expect(data.add(part(true, 1, 2))).toBe(true);
    expect(data.add(part(false))).toBe(false);
    expect(data.add(part(false, 3))).toBe(true);
    expect(data.current).toMatchObject({ at_ms: [1, 2, 3], gained: [[10, 20, 30]], values: [[1, 2, 3]] });
    data.add(part(true, 9));
    expect(data.current?.at_ms).toEqual([9]);
  });

  it('is as long as the session keeps it', () => {
    const data = new HistoryData();
    data.add(part(true, 0));
    for (let sample = 1; sample <= HISTORY_SAMPLES + 5; sample++) data.add(part(false, sample));
    expect(data.current?.at_ms).toHaveLength(HISTORY_SAMPLES);
    expect(data.current?.gained[0]).toHaveLength(HISTORY_SAMPLES);
    expect(data.current?.at_ms[0]).toBe(6);
  });
});
