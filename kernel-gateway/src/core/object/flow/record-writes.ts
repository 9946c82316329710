/** Calls that put a record into a ring or perf buffer (linux/bpf.h, enum bpf_func_id). */
import { constantOf, originKey, type FlowValue, type Origin } from './flow-value.js';
import type { HelperCall, ObjectTrace } from './trace-object.js';

/** A record that a program writes: into which maps (by `map:NAME` origins), from where, and how long. */
export interface RecordWrite {
  found: 'reserve' | 'output';
  maps: Origin[];
  /** Where the record is. */
  data: Origin[];
  /** 0 when it is not constant. */
  sizeBytes: number;
}

const Helper = {
  ringbufReserve: 131,
  ringbufReserveDynptr: 198,
  dynptrWrite: 202,
  dynptrData: 203
} as const;

/** Outputs: index of the argument with the map, the data, the size. */
const outputs = new Map([
  [130, { map: 0, data: 1, size: 2 }],
  [25, { map: 1, data: 3, size: 4 }],
  [111, { map: 1, data: 3, size: 4 }],
  [121, { map: 1, data: 3, size: 4 }]
]);

const sizeOf = (value: FlowValue | undefined): number => Math.max(0, constantOf(value) ?? 0);

/** Rings by the stack slot of the dynptr that was reserved in them. */
function dynptrMaps(calls: HelperCall[]): Map<string, Origin[]> {
  const maps = new Map<string, Origin[]>();
  for (const { helper, parameters } of calls) {
    if (helper !== Helper.ringbufReserveDynptr) continue;
    for (const slot of parameters[3] ?? []) {
      const key = originKey(slot);
      maps.set(key, [...(maps.get(key) ?? []), ...(parameters[0] ?? [])]);
    }
  }
  return maps;
}

/** All writes of records, in the order of the trace. */
export function recordWrites(trace: ObjectTrace): RecordWrite[] {
  const writes: RecordWrite[] = [];
  const dynptrs = dynptrMaps(trace.calls);
  const mapsOfDynptr = (value: FlowValue | undefined): Origin[] =>
    (value ?? []).flatMap(slot => dynptrs.get(originKey(slot)) ?? []);
  for (const { helper, parameters, result } of trace.calls) {
    const output = outputs.get(helper);
    if (output) {
      const maps = [...(parameters[output.map] ?? [])];
      const data = (parameters[output.data] ?? []).flatMap(origin => trace.resolve(origin));
      writes.push({ found: 'output', maps, data, sizeBytes: sizeOf(parameters[output.size]) });
    } else if (helper === Helper.ringbufReserve) {
      writes.push({
        found: 'reserve',
        maps: [...(parameters[0] ?? [])],
        data: [result],
        sizeBytes: sizeOf(parameters[1])
      });
    } else if (helper === Helper.dynptrData && constantOf(parameters[1]) === 0) {
      writes.push({
        found: 'reserve',
        maps: mapsOfDynptr(parameters[0]),
        data: [result],
        sizeBytes: sizeOf(parameters[2])
      });
    } else if (helper === Helper.dynptrWrite && constantOf(parameters[1]) === 0) {
      const data = (parameters[2] ?? []).flatMap(origin => trace.resolve(origin));
      writes.push({ found: 'output', maps: mapsOfDynptr(parameters[0]), data, sizeBytes: sizeOf(parameters[3]) });
    }
  }
  return writes;
}
