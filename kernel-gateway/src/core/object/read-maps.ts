/**
 * BTF-defined maps: each variable of section .maps is a struct whose members encode numbers as array lengths (`__uint`),
 * types as pointers (`__type`), and inner maps as arrays of pointers (`__array`); see bpf_helpers.h and libbpf's parse_btf_map_def().
 */
import type { Btf } from './btf.js';
import { mapTypeTable } from './map-type.table.js';
import { objectInvalid } from './object-invalid.js';
import type { MapSpec } from './object-spec.js';
import { sizeOf, stripType } from './type-layout.js';
import type { Member, TypeId } from './type-table.js';

const PIN_BY_NAME = 1;
const MAX_INNER_DEPTH = 4;
const INNER_ID_BYTES = 4;

/** `__uint(name, n)` is `int (*name)[n]`; `__ulong(name, n)` is an enum whose one value is n. */
function numberOf(btf: Btf, member: Member): number {
  const { type } = stripType(btf, member.type);
  if (type.kind === 'enum') return Number(type.values[0]?.value ?? 0n);
  const target = type.kind === 'pointer' ? stripType(btf, type.target).type : type;
  if (target.kind !== 'array') throw objectInvalid(`"${member.name}" of a map is no __uint`);
  return target.count;
}

function pointed(btf: Btf, member: Member): TypeId {
  const { type } = stripType(btf, member.type);
  if (type.kind !== 'pointer') throw objectInvalid(`"${member.name}" of a map is no __type`);
  return type.target;
}

/** `__array(values, struct inner)` is an array of pointers to the inner definition; of functions in a prog array. */
function innerOf(btf: Btf, member: Member, depth: number): MapSpec | null {
  const { type } = stripType(btf, member.type);
  if (type.kind !== 'array') return null;
  const pointer = stripType(btf, type.element).type;
  if (pointer.kind !== 'pointer') return null;
  const inner = stripType(btf, pointer.target);
  return inner.type.kind === 'struct' ? readMap(btf, '', inner.id, depth + 1) : null;
}

function readMap(btf: Btf, name: string, definition: TypeId, depth: number): MapSpec {
  const { type } = stripType(btf, definition);
  if (type.kind !== 'struct') throw objectInvalid(`the map "${name}" is not defined by a struct`);
  if (depth > MAX_INNER_DEPTH) throw objectInvalid('a map is its own inner map');
  const map: MapSpec = {
    name,
    type: 'unspec',
    keySize: 0,
    valueSize: 0,
    maxEntries: 0,
    flags: 0,
    keyType: 0,
    valueType: 0,
    records: [],
    inner: null,
    pinByName: false
  };
  for (const member of type.members) readMember(btf, map, { member, depth });
  return map;
}

function readMember(btf: Btf, map: MapSpec, { member, depth }: { member: Member; depth: number }): void {
  switch (member.name) {
    case 'type':
      map.type = mapTypeTable[numberOf(btf, member)] ?? `type ${numberOf(btf, member)}`;
      break;
    case 'max_entries':
      map.maxEntries = numberOf(btf, member);
      break;
    case 'map_flags':
      map.flags = numberOf(btf, member);
      break;
    case 'key_size':
      map.keySize = numberOf(btf, member);
      break;
    case 'value_size':
      map.valueSize = numberOf(btf, member);
      break;
    case 'key':
      map.keyType = pointed(btf, member);
      map.keySize = sizeOf(btf, map.keyType);
      break;
    case 'value':
      map.valueType = pointed(btf, member);
      map.valueSize = sizeOf(btf, map.valueType);
      break;
    case 'values':
      map.inner = innerOf(btf, member, depth);
      // The kernel's value is the id of the inner map, as libbpf fills in.
      if (map.inner) map.valueSize = INNER_ID_BYTES;
      break;
    case 'pinning':
      map.pinByName = numberOf(btf, member) === PIN_BY_NAME;
      break;
    default:
  }
}

/** Maps of the object in the order of their data section. Record candidates of rings are added later. */
export function readMaps(btf: Btf): MapSpec[] {
  const section = btf.dataSections.find(candidate => candidate.name === '.maps');
  if (!section) return [];
  return section.entries.map(entry => {
    const variable = btf.variables.get(entry.id);
    if (!variable) throw objectInvalid('its section .maps names something that is no variable');
    return readMap(btf, variable.name, variable.type, 0);
  });
}
