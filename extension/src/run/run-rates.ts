import type { RunProgram } from 'kernel-gateway/protocol';

/** What a program did between two looks at its counters. */
export interface IProgramRate {
  /** Runs per second. */
  perSecond: number;
  /** Time spent in it, as a share of one CPU. */
  cpuShare: number;
}

/** Mean run time in nanoseconds over the program's life, null before its first run. */
export function averageNs(program: Pick<RunProgram, 'run_count' | 'run_time_ns'>): number | null {
  const count = BigInt(program.run_count);
  return count === 0n ? null : Number(BigInt(program.run_time_ns)) / Number(count);
}

interface ISample {
  atMs: number;
  runCount: bigint;
  runTimeNs: bigint;
}

/** Shortest time between two looks that gives a rate worth reading. */
const MIN_INTERVAL_MS = 500;

/** Rates of programs by kernel id, from counters that only grow. Time is the viewer's clock, in milliseconds. */
export class RunRates {
  /** Takes new counters; gives the rate since the last look, or the last rate when it was too recent; null at first. */
  update(program: RunProgram, atMs: number): IProgramRate | null {
    const sample = { atMs, runCount: BigInt(program.run_count), runTimeNs: BigInt(program.run_time_ns) };
    const last = this._samples.get(program.id);
    if (last === undefined || sample.runCount < last.runCount) {
      this._samples.set(program.id, sample);
      return null;
    }
    const elapsedMs = sample.atMs - last.atMs;
    if (elapsedMs >= MIN_INTERVAL_MS) {
      this._samples.set(program.id, sample);
      this._rates.set(program.id, {
        perSecond: Number(sample.runCount - last.runCount) / (elapsedMs / 1000),
        cpuShare: Number(sample.runTimeNs - last.runTimeNs) / (elapsedMs * 1e6)
      });
    }
    return this._rates.get(program.id) ?? null;
  }

  private readonly _samples = new Map<number, ISample>();
  private readonly _rates = new Map<number, IProgramRate>();
}
