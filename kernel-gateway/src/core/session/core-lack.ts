/** Whether a kernel has the types, fields and enumerators that programs read: what libbpf would find out at their load. */
import { closestName } from '../cells/closest-name.js';
import type { CoreUse } from '../object/core-relocations.js';
import type { Type, TypeId } from '../object/type-table.js';
import { guess } from './kernel-names.js';

/** The types of a kernel, as far as this asks for them. */
export interface KernelTypeNames {
  types: readonly Type[];
  find(kind: 'struct' | 'union' | 'enum' | 'typedef', name: string): TypeId | null;
  enumerator(name: string): { value: bigint } | null;
}

/**
 * A clause that names the first that is missing, or null. A program that asks about anything may do without what is missing.
 *
 * @param uses - those of the sections that are loaded
 */
export function coreLack(uses: readonly CoreUse[], kernel: KernelTypeNames): string | null {
  const asking = new Set(uses.filter(use => use.wants === 'exists').map(use => use.section));
  for (const use of uses) {
    if (asking.has(use.section)) continue;
    const lack = lackOf(use, kernel);
    if (lack !== null) return lack;
  }
  return null;
}

function lackOf({ wants, type, path }: CoreUse, kernel: KernelTypeNames): string | null {
  if (wants === 'enumerator') {
    const [name = ''] = path;
    return name === '' || kernel.enumerator(name) !== null ? null : `its "${type}" has no ${name}`;
  }
  const root = (['struct', 'union', 'typedef', 'enum'] as const)
    .map(kind => kernel.find(kind, type))
    .find(id => id !== null);
  if (root === undefined) return isBuiltIn(type) ? null : `it has no type "${type}"`;
  return wants === 'type' ? null : fieldLack(kernel, root ?? 0, { type, path });
}

/** Names of C's own types are in no kernel's list of structs. */
const isBuiltIn = (type: string): boolean => /^(unsigned |signed )?(char|short|int|long|bool|_Bool)\b/.test(type);

function fieldLack(
  kernel: KernelTypeNames,
  root: TypeId,
  { type, path }: { type: string; path: readonly string[] }
): string | null {
  let place = root;
  let owner = type;
  for (const name of path) {
    const names: string[] = [];
    const found = memberOf(kernel, place, { name, names, depth: 0 });
    if (found === null) return `its "${owner}" has no field "${name}"${guess(closestName(name, names))}`;
    place = found;
    owner = `${owner}.${name}`;
  }
  return null;
}

const MAX_DEPTH = 16;

/** Type of a member, looked for in members without a name as well; `names` takes what there is. */
function memberOf(
  kernel: KernelTypeNames,
  id: TypeId,
  search: { name: string; names: string[]; depth: number }
): TypeId | null {
  const type = plain(kernel, id);
  if ((type.kind !== 'struct' && type.kind !== 'union') || search.depth > MAX_DEPTH) return null;
  for (const member of type.members) {
    if (member.name === search.name) return member.type;
    if (member.name !== '') search.names.push(member.name);
    const inner = member.name === '' ? memberOf(kernel, member.type, { ...search, depth: search.depth + 1 }) : null;
    if (inner !== null) return inner;
  }
  return null;
}

/** The type behind qualifiers, typedefs and arrays. */
function plain(kernel: KernelTypeNames, id: TypeId): Type {
  let type = kernel.types[id];
  for (let steps = 0; steps < MAX_DEPTH * 2; steps++) {
    if (type?.kind === 'qualifier' || type?.kind === 'typedef') type = kernel.types[type.target];
    else if (type?.kind === 'array') type = kernel.types[type.element];
    else break;
  }
  return type ?? { kind: 'void' };
}
