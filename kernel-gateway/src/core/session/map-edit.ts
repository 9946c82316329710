import { columnsOf } from '../decode/columns-of.js';
import { patchValue } from '../decode/parse-value.js';
import { isAggregate } from '../decode/value-text.js';
import type { MapSpec } from '../object/object-spec.js';
import type { TypeId, TypeTable } from '../object/type-table.js';
import { bytesType, isPerCpu } from '../store/map-store.js';
import { perCpuStride } from '../store/per-cpu-columns.js';
import { LabError, type FieldText, type MapEditing } from '../../protocol/index.js';

/** The map whose entries are edited; `cpus` are the possible ones of its target. */
export interface MapShape {
  types: TypeTable;
  map: MapSpec;
  cpus: number;
}

/** Bytes of an entry as the agent takes them: a per-CPU value has one part for each CPU, rounded up to 8. */
export interface MapEntry {
  key: Uint8Array;
  value: Uint8Array;
}

type Side = 'key' | 'value';

/** Where a column's text goes: the member of the key's or value's type, for one CPU (null: for the whole value). */
interface ColumnPlace {
  side: Side;
  path: string;
  cpu: number | null;
}

const EDITABLE = /^(lru_)?(percpu_)?hash$|^(percpu_)?array$|^lpm_trie$/;
/** BPF_F_RDONLY (linux/uapi/linux/bpf.h): user space may only read. */
const READ_ONLY_FLAG = 1 << 3;

/** What may be done to the entries of a map; null when they can only be read. */
export function mapEditing(map: MapSpec): MapEditing | null {
  if (!EDITABLE.test(map.type) || (map.flags & READ_ONLY_FLAG) !== 0) return null;
  const isArray = map.type.endsWith('array');
  return { can_insert: !isArray, can_delete: !isArray, per_cpu: isPerCpu(map.type) };
}

/** An entry of zeros. */
export function emptyEntry({ map, cpus }: MapShape): MapEntry {
  const bytes = isPerCpu(map.type) ? perCpuStride(map.valueSize) * cpus : map.valueSize;
  return { key: new Uint8Array(map.keySize), value: new Uint8Array(bytes) };
}

/**
 * The entry with what the user wrote into its columns; columns are named as the view's store names them. A number written
 * into the sum of a per-CPU value becomes CPU 0's, and the others' 0.
 *
 * @throws LabError BPFLAB_VALUE_INVALID with a sentence that names the column
 */
export function editEntry(shape: MapShape, entry: MapEntry, fields: readonly FieldText[]): MapEntry {
  const edited = { key: entry.key.slice(), value: entry.value.slice() };
  for (const field of fields) {
    const place = findColumn(shape, field.column);
    if (place === null) {
      throw new LabError('BPFLAB_VALUE_INVALID', `The map "${shape.map.name}" has no column "${field.column}".`);
    }
    try {
      write(shape, edited, place, field.text);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      throw new LabError(error.code, `${field.column}: ${error.message}`, { cause: error });
    }
  }
  return edited;
}

function write(shape: MapShape, entry: MapEntry, { side, path, cpu }: ColumnPlace, text: string): void {
  const { types, type } = typeOf(shape, side);
  const bytes = entry[side];
  if (side === 'key' || !isPerCpu(shape.map.type)) {
    patchValue(types, type, bytes, { path, text });
    return;
  }
  const stride = perCpuStride(shape.map.valueSize);
  const part = (index: number): Uint8Array => bytes.subarray(index * stride, index * stride + shape.map.valueSize);
  patchValue(types, type, part(cpu ?? 0), { path, text });
  for (let other = 1; cpu === null && other < shape.cpus; other++) {
    patchValue(types, type, part(other), { path, text: '0' });
  }
}

function typeOf({ types, map }: MapShape, side: Side): { types: TypeTable; type: TypeId } {
  const type = side === 'key' ? map.keyType : map.valueType;
  return type === 0 ? bytesType(side === 'key' ? map.keySize : map.valueSize) : { types, type };
}

/** The store's rule backwards: names of both sides have the side in front, those of a CPU its number behind. */
function findColumn(shape: MapShape, column: string): ColumnPlace | null {
  const sides = { key: namesOf(shape, 'key'), value: namesOf(shape, 'value') };
  const shown = (side: Side, name: string): string =>
    sides.key.has(name) && sides.value.has(name) ? `${side}.${name}` : name;
  for (const side of ['key', 'value'] as const) {
    const { types, type } = typeOf(shape, side);
    const path = (name: string): string => (isAggregate(types, type) ? name : '');
    for (const name of sides[side]) {
      if (shown(side, name) === column) return { side, path: path(name), cpu: null };
      const cpu = side === 'value' && column.startsWith(`${name}@`) ? column.slice(name.length + 1) : '';
      if (/^\d{1,5}$/.test(cpu) && Number(cpu) < shape.cpus) return { side, path: path(name), cpu: Number(cpu) };
    }
  }
  return null;
}

function namesOf(shape: MapShape, side: Side): ReadonlySet<string> {
  const { types, type } = typeOf(shape, side);
  const size = side === 'key' ? shape.map.keySize : shape.map.valueSize;
  const columns = size === 0 ? [] : columnsOf(types, type, { name: side, role: side });
  return new Set(columns.map(one => one.spec.name));
}
