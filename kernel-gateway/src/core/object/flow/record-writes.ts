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
  /** Where the call is. */
  context: number;
  slot: number;
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

/** What a call writes, or null when it writes no record. */
function writeOf(call: HelperCall, mapsOfDynptr: (value: FlowValue | undefined) => Origin[]): RecordWrite | null {
  const { helper, parameters, result, context, slot } = call;
  const origins = (index: number): Origin[] => [...(parameters[index] ?? [])];
  const write = (found: RecordWrite['found'], maps: Origin[], data: Origin[], size: number): RecordWrite => ({
    ...{ found, maps, data, context, slot },
    sizeBytes: Math.max(0, constantOf(parameters[size]) ?? 0)
  });
  const output = outputs.get(helper);
  if (output) return write('output', origins(output.map), origins(output.data), output.size);
  if (helper === Helper.ringbufReserve) return write('reserve', origins(0), [result], 1);
  // Only the start of a record says its type.
  if (constantOf(parameters[1]) !== 0) return null;
  if (helper === Helper.dynptrData) return write('reserve', mapsOfDynptr(parameters[0]), [result], 2);
  return helper === Helper.dynptrWrite ? write('output', mapsOfDynptr(parameters[0]), origins(2), 3) : null;
}

/** All writes of records, in the order of the trace. */
export function recordWrites(trace: ObjectTrace): RecordWrite[] {
  const dynptrs = dynptrMaps(trace.calls);
  const mapsOfDynptr = (value: FlowValue | undefined): Origin[] =>
    (value ?? []).flatMap(slot => dynptrs.get(originKey(slot)) ?? []);
  return trace.calls.flatMap(call => writeOf(call, mapsOfDynptr) ?? []);
}
