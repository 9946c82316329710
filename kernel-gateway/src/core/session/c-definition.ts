import type { Btf } from '../object/btf.js';
import { typeName, typeOf } from '../object/type-layout.js';
import type { Member, Type, TypeId, TypeTable } from '../object/type-table.js';

const MAX_DEPTH = 8;

type Composite = Extract<Type, { kind: 'struct' | 'union' }>;

/**
 * Definitions of everything that has this name, as C, with the offset of each member; empty when there is nothing.
 * `struct x` names only the struct; a plain name also functions.
 */
export function definitionsOf(btf: Pick<Btf, 'types' | 'functions'>, name: string): string[] {
  const types: TypeTable = btf;
  const [, keyword, plain] = /^(?:(struct|union|enum)\s+)?(\w+)$/.exec(name.trim()) ?? [];
  if (plain === undefined) {
    return [];
  }
  const texts = types.types.flatMap((type, id) => {
    const isNamed = 'name' in type && type.name === plain && type.kind !== 'forward' && type.kind !== 'int';
    return isNamed && (keyword === undefined || type.kind === keyword) ? [definitionOf(types, id)] : [];
  });
  const functions = keyword === undefined ? functionsOf(btf, plain) : [];
  return [...new Set([...texts, ...functions])];
}

function functionsOf(btf: Pick<Btf, 'types' | 'functions'>, name: string): string[] {
  return [...btf.functions.values()].flatMap(one => {
    const type = one.name === name ? typeOf(btf, one.type) : null;
    return type?.kind === 'function' ? [`${functionText(btf, { ...type, name })};`] : [];
  });
}

/** The definition of one type, as C, with the offset of each member; a broken table gives BPFLAB_OBJECT_INVALID. */
export function definitionOf(types: TypeTable, id: TypeId): string {
  const type = typeOf(types, id);
  switch (type.kind) {
    case 'struct':
    case 'union':
      return `${compositeText(types, type, { indent: '', base: 0, depth: 0 })}; /* ${type.size} bytes */`;
    case 'enum':
      return `${enumText(type)};`;
    case 'typedef':
      return `typedef ${declaration(types, type.target, type.name)};`;
    case 'function':
      return `${functionText(types, type)};`;
    default:
      return typeName(types, id);
  }
}

function compositeText(types: TypeTable, type: Composite, at: { indent: string; base: number; depth: number }): string {
  const head = type.name === '' ? type.kind : `${type.kind} ${type.name}`;
  const inner = `${at.indent}\t`;
  const lines = type.members.map(member => {
    const offset = at.base + Math.floor(member.bitOffset / 8);
    return `${inner}${memberText(types, member, { indent: inner, base: offset, depth: at.depth + 1 })}`;
  });
  return [`${head} {`, ...lines, `${at.indent}}`].join('\n');
}

function memberText(types: TypeTable, member: Member, at: { indent: string; base: number; depth: number }): string {
  const type = typeOf(types, member.type);
  const bits = member.bitSize > 0 ? `:${member.bitSize}` : '';
  const isInline = (type.kind === 'struct' || type.kind === 'union') && type.name === '' && at.depth < MAX_DEPTH;
  const text = isInline
    ? `${compositeText(types, type, at)} ${member.name}`.trimEnd()
    : declaration(types, member.type, member.name);
  return `${text}${bits}; /* ${at.base} */`;
}

/** `type name`, with the brackets of arrays and the stars of function pointers where C wants them. */
function declaration(types: TypeTable, id: TypeId, name: string): string {
  const type = typeOf(types, id);
  if (type.kind === 'array') {
    return declaration(types, type.element, `${name}[${type.count}]`);
  }
  if (type.kind === 'pointer') {
    const target = typeOf(types, type.target);
    if (target.kind === 'function') {
      return functionText(types, { ...target, name: `(*${name})` });
    }
    if (target.kind === 'array') {
      return declaration(types, type.target, `(*${name})`);
    }
  }
  const text = typeName(types, id);
  return text.endsWith('*') ? `${text}${name}` : `${text} ${name}`;
}

/** A function's prototype as C, without its semicolon. */
export function functionText(types: TypeTable, type: Extract<Type, { kind: 'function' }>): string {
  const parameters = type.parameters.map(parameter =>
    parameter.type === 0 ? '...' : declaration(types, parameter.type, parameter.name).trimEnd()
  );
  return declaration(types, type.returns, `${type.name}(${parameters.length === 0 ? 'void' : parameters.join(', ')})`);
}

function enumText(type: Extract<Type, { kind: 'enum' }>): string {
  const lines = type.values.map(value => `\t${value.name} = ${value.value},`);
  return [`enum ${type.name} {`.replace('  ', ' '), ...lines, '}'].join('\n');
}
