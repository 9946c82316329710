import { describe, expect, it } from 'vitest';
import type { RunProgram } from 'kernel-gateway/protocol';
import { averageNs, RunRates } from './run-rates.js';

const program = (runCount: string, runTimeNs: string): RunProgram => ({
  name: 'p',
  section: 'tp/a/b',
  type: 'tracepoint',
  id: 7,
  attached_to: '',
  verified_insns: 1,
  jited_bytes: 1,
  run_count: runCount,
  run_time_ns: runTimeNs
});

describe('averageNs', () => {
  it('is the mean over the program’s life, none before its first run', () => {
    expect(averageNs(program('4', '10'))).toBe(2.5);
    expect(averageNs(program('0', '0'))).toBeNull();
  });
});

describe('RunRates', () => {
  it('says nothing at the first look, then runs per second and CPU share', () => {
    const rates = new RunRates();
    expect(rates.update(program('0', '0'), 1000)).toBeNull();
    expect(rates.update(program('500', '20000000'), 3000)).toEqual({ perSecond: 250, cpuShare: 0.01 });
  });

  it('keeps the last rate when the next look comes too soon', () => {
    const rates = new RunRates();
    rates.update(program('0', '0'), 0);
    const first = rates.update(program('100', '0'), 1000);
    expect(rates.update(program('101', '0'), 1010)).toBe(first);
  });

  it('begins again when the counters do', () => {
    const rates = new RunRates();
    rates.update(program('100', '0'), 0);
    expect(rates.update(program('1', '0'), 1000)).toBeNull();
  });
});
