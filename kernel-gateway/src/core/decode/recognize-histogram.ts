/**
 * Which maps are histograms, by name *and* shape. The rule is told to users in docs/reference/histograms.md: keep both
 * equal. A map that is not recognized is a table, and a recognized one can be shown as a table.
 */
import type { MapSpec } from '../object/object-spec.js';
import { stripType } from '../object/type-layout.js';
import type { TypeId, TypeTable } from '../object/type-table.js';

/** Where the slots of a histogram are. */
export interface HistogramShape {
  /** `entries`: each entry of the map is a slot; `member`: an array in the value has them, one histogram per key. */
  slots: 'entries' | 'member';
  scale: 'log2' | 'linear';
  /** usecs, bytes …: what the values are counted in, as bcc writes it; empty when the name does not say. */
  unit: string;
  count: number;
  /** Bytes of one slot: 4 or 8. */
  slotBytes: number;
  /** Offset of the array in the value. */
  offset: number;
  /** Word for the key in front of each histogram, empty when there is just one. */
  keyName: string;
}

const histogramName = /(^|_)(hist|hists|histogram|histograms|slots|buckets|dist|distribution|log2)(\d*)($|_)/;
const linearName = /(^|_)(linear|lin|lhist)($|_)/;
const unitName = /(^|_)(ns|nsecs?|us|usecs?|ms|msecs?|secs?|bytes|kbytes|kb|pages|packets|len|depth)($|_)/;
const unitWords: Record<string, string> = {
  ns: 'nsecs',
  nsec: 'nsecs',
  us: 'usecs',
  usec: 'usecs',
  ms: 'msecs',
  msec: 'msecs',
  sec: 'secs',
  kb: 'kbytes'
};

const MIN_SLOTS = 8;
/** Slot i counts values of [2^i, 2^(i+1)): a 64-bit value needs no more. */
const MAX_LOG2_SLOTS = 65;
const MAX_LINEAR_SLOTS = 4096;

/** camelCase and snake_case to words with "_" between them. */
const words = (name: string): string => name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();

/** Unit that the names say, in the words of bcc (`usecs`, `bytes`); empty when they say none. */
export function unitOf(...names: string[]): string {
  for (const name of names) {
    const unit = unitName.exec(words(name))?.[2];
    if (unit !== undefined) return unitWords[unit] ?? unit;
  }
  return '';
}

/** Bytes of an integer that can be a slot, or 0. */
function slotBytesOf(types: TypeTable, id: TypeId): number {
  const { type } = stripType(types, id);
  return type.kind === 'int' && type.encoding !== 'bool' && (type.size === 4 || type.size === 8) ? type.size : 0;
}

/** The scale that so many slots can have under these names, or null. */
function scaleOf(count: number, names: string[]): HistogramShape['scale'] | null {
  if (count < MIN_SLOTS || !names.some(name => histogramName.test(words(name)))) return null;
  if (names.some(name => linearName.test(words(name)))) return count <= MAX_LINEAR_SLOTS ? 'linear' : null;
  return count <= MAX_LOG2_SLOTS ? 'log2' : null;
}

function slotArray(types: TypeTable, id: TypeId): { count: number; slotBytes: number } | null {
  const { type } = stripType(types, id);
  if (type.kind !== 'array') return null;
  const slotBytes = slotBytesOf(types, type.element);
  return slotBytes === 0 ? null : { count: type.count, slotBytes };
}

/** The one array of slots in a value: the value itself, or the only member that has the name and the shape. */
function slotsInValue(types: TypeTable, map: MapSpec): Omit<HistogramShape, 'slots' | 'keyName'> | null {
  const whole = slotArray(types, map.valueType);
  if (whole) {
    const scale = scaleOf(whole.count, [map.name]);
    return scale ? { ...whole, scale, offset: 0, unit: unitOf(map.name) } : null;
  }
  const { type } = stripType(types, map.valueType);
  if (type.kind !== 'struct') return null;
  const typeNames = [type.name, map.name];
  const arrays = type.members.flatMap(member => {
    const array = member.bitSize === 0 ? slotArray(types, member.type) : null;
    return array ? [{ member, ...array }] : [];
  });
  // With one array, the struct's or map's name may say it; with more, only the member's own.
  const named = arrays.flatMap(({ member, count, slotBytes }) => {
    const own = scaleOf(count, [member.name]);
    const scale = scaleOf(count, arrays.length === 1 ? [member.name, ...typeNames] : [member.name]);
    if (!scale || (!own && arrays.length > 1)) return [];
    return [{ count, slotBytes, scale, offset: member.bitOffset / 8, unit: unitOf(member.name, ...typeNames) }];
  });
  return named.length === 1 ? (named[0] ?? null) : null;
}

function keyNameOf(types: TypeTable, map: MapSpec): string {
  if (map.maxEntries === 1) return '';
  const { type } = stripType(types, map.keyType);
  if (type.kind === 'struct' && type.members.length === 1) return type.members[0]?.name ?? 'key';
  return 'key';
}

/**
 * The histogram that a map holds, or null when it is a plain table.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when the type table is broken.
 */
export function recognizeHistogram(types: TypeTable, map: MapSpec): HistogramShape | null {
  const isArray = map.type === 'array' || map.type === 'percpu_array';
  const slotBytes = slotBytesOf(types, map.valueType);
  if (isArray && slotBytes > 0) {
    const scale = scaleOf(map.maxEntries, [map.name]);
    if (!scale) return null;
    return {
      slots: 'entries',
      scale,
      unit: unitOf(map.name),
      count: map.maxEntries,
      slotBytes,
      offset: 0,
      keyName: ''
    };
  }
  if (!isArray && !/hash|storage/.test(map.type)) return null;
  const slots = slotsInValue(types, map);
  return slots ? { slots: 'member', ...slots, keyName: keyNameOf(types, map) } : null;
}
