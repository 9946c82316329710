/** Questions about a type that every reader and decoder asks. Broken tables (cycles) give an error, never a hang. */
import { objectInvalid } from './object-invalid.js';
import type { Type, TypeId, TypeTable } from './type-table.js';

/** Typedefs, qualifiers and arrays may be nested so deep; the kernel accepts 32 (MAX_RESOLVE_DEPTH). */
const MAX_DEPTH = 64;

/** The type itself; BPFLAB_OBJECT_INVALID when the table has no such id. */
export function typeOf(types: TypeTable, id: TypeId): Type {
  const type = types.types[id];
  if (!type) throw objectInvalid(`there is no type ${id}`);
  return type;
}

/** The type behind typedefs and qualifiers. */
export function stripType(types: TypeTable, id: TypeId): { id: TypeId; type: Type } {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = typeOf(types, id);
    if (type.kind !== 'typedef' && type.kind !== 'qualifier') return { id, type };
    id = type.target;
  }
  throw objectInvalid(`type ${id} is defined by itself`);
}

/** Size in bytes; 0 for void, functions and types that are only declared. */
export function sizeOf(types: TypeTable, id: TypeId): number {
  let count = 1;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const { type } = stripType(types, id);
    if (type.kind === 'array') {
      count *= type.count;
      id = type.element;
      continue;
    }
    if (type.kind === 'pointer') return count * 8;
    return 'size' in type ? count * type.size : 0;
  }
  throw objectInvalid(`type ${id} is an array of itself`);
}

const arrayName = (element: string, count: number): string => {
  const bracket = element.indexOf('[');
  const at = bracket < 0 ? element.length : bracket;
  return `${element.slice(0, at)}[${count}]${element.slice(at)}`;
};

const qualifiedName = (target: string, qualifier: string): string =>
  qualifier === 'tag' ? target : target.endsWith('*') ? `${target} ${qualifier}` : `${qualifier} ${target}`;

const taggedName = (keyword: string, name: string): string => (name === '' ? keyword : `${keyword} ${name}`);

const plainName = (type: Type): string => {
  if (!('name' in type) || type.kind === 'function') return type.kind;
  const isTagged = type.kind === 'struct' || type.kind === 'union' || type.kind === 'enum';
  return isTagged ? taggedName(type.kind, type.name) : type.name;
};

/** The type as C writes it in front of a name: `const char[16]`, `struct event *`, `enum kind`. */
export function typeName(types: TypeTable, id: TypeId, depth = 0): string {
  if (depth > MAX_DEPTH) return '…';
  const type = typeOf(types, id);
  switch (type.kind) {
    case 'pointer': {
      const target = typeName(types, type.target, depth + 1);
      return target.endsWith('*') ? `${target}*` : `${target} *`;
    }
    case 'array':
      return arrayName(typeName(types, type.element, depth + 1), type.count);
    case 'qualifier':
      return qualifiedName(typeName(types, type.target, depth + 1), type.qualifier);
    case 'forward':
      return taggedName(type.isUnion ? 'union' : 'struct', type.name);
    default:
      return plainName(type);
  }
}

/** Id of the type that C text such as `struct event`, `event_t` or `u64` names, or null. A definition wins over a declaration. */
export function findType(types: TypeTable, text: string): TypeId | null {
  const words = text.trim().split(/\s+/);
  const keyword = words.length > 1 ? words[0] : '';
  const name = words.at(-1) ?? '';
  const index = types.types.findIndex(type => {
    if (!('name' in type) || type.kind === 'function' || type.kind === 'forward') return false;
    return typeName({ types: [type] }, 0) === words.join(' ') || (keyword === '' && type.name === name);
  });
  return index < 0 || name === '' ? null : index;
}
