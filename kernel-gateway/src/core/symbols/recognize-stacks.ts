/**
 * Which maps count stacks, by the names *and* the shape of their keys and values. The rule is told to users in
 * docs/reference/stacks.md: keep both equal. What is recognized can be shown as a plain table too.
 */
import { unitOf } from '../decode/recognize-histogram.js';
import type { MapSpec } from '../object/object-spec.js';
import { sizeOf, stripType } from '../object/type-layout.js';
import type { Member, TypeId, TypeTable } from '../object/type-table.js';

/** A member of an entry: bytes from the entry's start (the key), or from the value's. */
export interface EntryField {
  side: 'key' | 'value';
  offset: number;
  size: number;
}

/** How the entries of a map count stacks. */
export interface StackShape {
  /** Ids in `map`, a STACK_TRACE map of the same object. `part`: what the name says; addresses decide where it says nothing. */
  ids: { field: EntryField; map: string; part: StackPart }[];
  process: EntryField | null;
  command: EntryField | null;
  count: EntryField;
  unit: string;
}

/** What the name of a stack says: whose it is; `either`: its addresses decide. */
export type StackPart = 'kernel' | 'user' | 'either';

const kernelName = /^(k|kern|kernel)_?(stack|stk)_?(id|trace|trace_id)?$/;
const userName = /^(u|usr|user)_?(stack|stk)_?(id|trace|trace_id)?$/;
const eitherName = /^(stack|stk)_?(id|trace|trace_id)?$/;
/** Members that say whose process it is. */
export const processName = /^(tgid|pid|tgid_pid|pid_tgid)$/;
const commandName = /^(comm|command|name|task_comm)$/;
const countName =
  /^(count|counts|counter|cnt|n|nr|num|hits|samples|times|calls|value|val|total|sum|size|weight)$|(^|_)(ns|us|ms|bytes|count|time)$/;
const mapName = /(^|_)(stacks?|stk)($|_)/;
const hashTypes = new Set(['hash', 'lru_hash', 'percpu_hash', 'lru_percpu_hash']);

/** camelCase and snake_case to lower-case words with "_" between them. */
export const words = (name: string): string => name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();

function integerBytes(types: TypeTable, id: TypeId): number {
  const { type } = stripType(types, id);
  return type.kind === 'int' && (type.size === 4 || type.size === 8) ? type.size : 0;
}

interface NamedField extends EntryField {
  name: string;
  type: TypeId;
}

function membersOf(types: TypeTable, id: TypeId, side: EntryField['side']): NamedField[] {
  if (id === 0) return [];
  const { type } = stripType(types, id);
  if (type.kind !== 'struct') return [{ name: '', type: id, side, offset: 0, size: sizeOf(types, id) }];
  return type.members.flatMap((member: Member) =>
    member.bitSize > 0
      ? []
      : [
          {
            name: words(member.name),
            type: member.type,
            side,
            offset: member.bitOffset / 8,
            size: sizeOf(types, member.type)
          }
        ]
  );
}

const plain = ({ side, offset, size }: NamedField): EntryField => ({ side, offset, size });

/** What a member's name, in words, says of a stack; null when it names none. */
export function stackPart(name: string): StackPart | null {
  if (kernelName.test(name)) return 'kernel';
  if (userName.test(name)) return 'user';
  return eitherName.test(name) ? 'either' : null;
}

/** With several STACK_TRACE maps, the one whose name begins as the member's does. */
export function stackMapFor(stackMaps: readonly MapSpec[], part: StackPart): string {
  const named = stackMaps.find(map => words(map.name).startsWith(part.slice(0, 1)));
  return (part === 'either' ? stackMaps[0] : (named ?? stackMaps[0]))?.name ?? '';
}

/**
 * How a map counts stacks, or null when it is a plain table. `maps`: all of the object; the stacks are in one of them.
 * @throws LabError BPFLAB_OBJECT_INVALID when the type table is broken
 */
export function recognizeStacks(types: TypeTable, map: MapSpec, maps: readonly MapSpec[]): StackShape | null {
  const stackMaps = maps.filter(one => one.type === 'stack_trace');
  if (stackMaps.length === 0 || !hashTypes.has(map.type)) return null;
  const key = membersOf(types, map.keyType, 'key');
  const value = membersOf(types, map.valueType, 'value');
  const isNamed = (field: NamedField): boolean => integerBytes(types, field.type) > 0;
  const ids = [...key, ...value].filter(isNamed).flatMap(field => {
    // A key that is a number has no name of its own: the map's says what it is.
    const part =
      field.name === '' && field.side === 'key' && mapName.test(words(map.name)) ? 'either' : stackPart(field.name);
    return part === null ? [] : [{ field: plain(field), part, map: stackMapFor(stackMaps, part) }];
  });
  const numbers = value.filter(isNamed);
  const count =
    numbers.find(field => field.name === '' || countName.test(field.name)) ??
    (numbers.length === 1 ? numbers[0] : undefined);
  if (ids.length === 0 || !count || ids.some(id => id.field.side === 'value' && id.field.offset === count.offset))
    return null;
  const process = key.find(field => isNamed(field) && processName.test(field.name));
  const command = [...key, ...value].find(field => commandName.test(field.name) && !isNamed(field));
  return {
    ids: [...ids].sort((a, b) => rank[a.part] - rank[b.part]),
    process: process ? plain(process) : null,
    command: command ? plain(command) : null,
    count: plain(count),
    unit: unitOf(count.name, map.name) || 'samples'
  };
}

/** User code is called first, the kernel on its behalf. */
const rank = { user: 0, either: 1, kernel: 2 };
