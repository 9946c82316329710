import { LOST_COUNTER, LOST_SECTION } from '../../core/instrument/instrument.js';
import type { GlobalSpec } from '../../core/index.js';
import type { LiveRun } from './live-run.js';
import { readSectionsByNode } from './open-map-view.js';

/** Failed reserve and output calls of a run's rings, as the instrumentation counts them. */
export interface LostCounters {
  /** False: the object was compiled without the counters. */
  counts(map: string): boolean;
  /** Calls that failed so far; those that name no ring count for every one. */
  read(map: string): Promise<bigint>;
}

/** The counters of a run; rings that are read at the same time share one reading. */
export function openLostCounters(run: LiveRun): LostCounters {
  const counters = new Map<string, GlobalSpec>();
  for (const global of run.object?.globals ?? []) {
    if (global.section === LOST_SECTION) {
      counters.set(global.name, global);
    }
  }
  let reading: ReturnType<typeof readSectionsByNode> | null = null;
  const read = (): ReturnType<typeof readSectionsByNode> => {
    reading ??= readSectionsByNode(run, new Set([LOST_SECTION])).finally(() => (reading = null));
    return reading;
  };
  const valueOf = (bytes: Uint8Array, name: string): bigint => {
    const counter = counters.get(name);
    const isThere = counter !== undefined && counter.offset + 8 <= bytes.length;
    return isThere ? new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(counter.offset, true) : 0n;
  };
  return {
    counts: map => counters.has(LOST_COUNTER) || counters.has(`${LOST_COUNTER}_${map}`),
    read: async map => {
      const bytesOf = (await read()).map(sections => sections.get(LOST_SECTION) ?? new Uint8Array(0));
      const names = [LOST_COUNTER, `${LOST_COUNTER}_${map}`];
      return bytesOf.flatMap(bytes => names.map(name => valueOf(bytes, name))).reduce((sum, one) => sum + one, 0n);
    }
  };
}
