/**
 * Types of the debug information, put into the table that BTF filled: only those that are asked for, and a struct that
 * BTF knows under the same name with the same members is BTF's. What a pointer points to is named, not followed.
 */
import { stripType } from '../type-layout.js';
import type { Member, Type, TypeId, TypeTable } from '../type-table.js';
import type { Die, DwarfInfo } from './die.js';
import { At, Tag } from './dwarf-constant.js';

const MAX_DEPTH = 64;
const tagNames = new Map<number, 'struct' | 'union'>([
  [Tag.structureType, 'struct'],
  [Tag.unionType, 'union']
]);
const qualifiers = new Map<number, 'const' | 'volatile' | 'restrict' | 'tag'>([
  [Tag.constType, 'const'],
  [Tag.volatileType, 'volatile'],
  [Tag.restrictType, 'restrict'],
  [Tag.atomicType, 'tag']
]);

/** DW_ATE codes. */
const encodings: Record<number, 'bool' | 'char' | 'signed' | 'unsigned' | 'float'> = {
  2: 'bool',
  4: 'float',
  5: 'signed',
  6: 'char',
  7: 'unsigned',
  8: 'unsigned'
};

export class DwarfTypes {
  readonly #info: DwarfInfo;
  readonly #table: TypeTable;
  readonly #known = new Map<number, TypeId>();
  /** Struct, union, enum and int types of BTF by kind and name. */
  readonly #btf = new Map<string, TypeId[]>();

  constructor(info: DwarfInfo, table: TypeTable) {
    this.#info = info;
    this.#table = table;
    table.types.forEach((type, id) => {
      if (type.kind !== 'struct' && type.kind !== 'union' && type.kind !== 'enum' && type.kind !== 'int') return;
      if (type.name === '') return;
      const key = `${type.kind} ${type.name}`;
      this.#btf.set(key, [...(this.#btf.get(key) ?? []), id]);
    });
  }

  /** Id of the type that an entry has, 0 for void. */
  typeOf(die: Die): TypeId {
    const reference = die.unit.reference(die, At.type);
    return reference === null ? 0 : this.#convert(reference, 0);
  }

  /** The entry of a pointer variable's target, behind typedefs and qualifiers; null when it is no pointer, or to void. */
  pointedDie(die: Die): Die | null {
    const pointer = this.#strip(die);
    return pointer?.tag === Tag.pointerType ? this.#referred(pointer) : null;
  }

  /** The entry of an entry's type, behind typedefs and qualifiers. */
  strippedDie(die: Die): Die | null {
    return this.#strip(die);
  }

  /** Id of the type that the entry itself is. */
  idOf(die: Die): TypeId {
    return this.#convert(die.offset, 0);
  }

  #referred(die: Die): Die | null {
    const reference = die.unit.reference(die, At.type);
    return reference === null ? null : this.#info.at(reference);
  }

  #strip(die: Die): Die | null {
    let type = this.#referred(die);
    for (let depth = 0; type && depth < MAX_DEPTH; depth++) {
      if (type.tag !== Tag.typedef && !qualifiers.has(type.tag)) return type;
      type = this.#referred(type);
    }
    return null;
  }

  #add(type: Type, offset: number): TypeId {
    const id = this.#table.types.push(type) - 1;
    this.#known.set(offset, id);
    return id;
  }

  #convert(offset: number, depth: number): TypeId {
    const known = this.#known.get(offset);
    if (known !== undefined) return known;
    const die = this.#info.at(offset);
    if (!die || depth > MAX_DEPTH) return 0;
    const shared = this.#inBtf(die);
    if (shared !== null) {
      this.#known.set(offset, shared);
      return shared;
    }
    return this.#make(die, depth);
  }

  #make(die: Die, depth: number): TypeId {
    const { unit, offset } = die;
    const name = unit.text(die, At.name);
    const qualifier = qualifiers.get(die.tag);
    if (qualifier) return this.#wrap(die, depth, target => ({ kind: 'qualifier', qualifier, target }));
    if (tagNames.has(die.tag)) return this.#struct(die, name, depth);
    switch (die.tag) {
      case Tag.baseType:
        return this.#add(baseType(die, name), offset);
      case Tag.pointerType:
        return this.#add({ kind: 'pointer', target: this.#nameOf(this.#referred(die), depth + 1) }, offset);
      case Tag.typedef:
        return this.#wrap(die, depth, target => ({ kind: 'typedef', name, target }));
      case Tag.arrayType:
        return this.#array(die, depth);
      case Tag.enumerationType:
        return this.#enum(die, name);
      case Tag.subroutineType:
        return this.#add({ kind: 'function', name: '', returns: 0, parameters: [] }, offset);
      default:
        return this.#add({ kind: 'void' }, offset);
    }
  }

  #wrap(die: Die, depth: number, make: (target: TypeId) => Type): TypeId {
    const reference = die.unit.reference(die, At.type);
    return this.#add(make(reference === null ? 0 : this.#convert(reference, depth + 1)), die.offset);
  }

  /** A type that is only named: what a pointer points to. */
  #nameOf(die: Die | null, depth: number): TypeId {
    if (!die || depth > MAX_DEPTH) return 0;
    const kind = tagNames.get(die.tag);
    if (!kind && die.tag !== Tag.typedef) return this.#convert(die.offset, depth);
    const shared = kind ? this.#inBtf(die) : null;
    if (shared !== null) return shared;
    const name = die.unit.text(die, At.name);
    const named: Type = kind
      ? { kind: 'forward', name, isUnion: kind === 'union' }
      : { kind: 'typedef', name, target: 0 };
    return this.#table.types.push(named) - 1;
  }

  #array(die: Die, depth: number): TypeId {
    const reference = die.unit.reference(die, At.type);
    const element = reference === null ? 0 : this.#convert(reference, depth + 1);
    const counts = die.children.filter(child => child.tag === Tag.subrangeType).map(countOf);
    const inner = counts
      .slice(1)
      .reduceRight<TypeId>((id, count) => this.#table.types.push({ kind: 'array', element: id, count }) - 1, element);
    return this.#add({ kind: 'array', element: inner, count: counts[0] ?? 0 }, die.offset);
  }

  #struct(die: Die, name: string, depth: number): TypeId {
    const kind = tagNames.get(die.tag) ?? 'struct';
    if (die.attributes.has(At.declaration)) {
      return this.#add({ kind: 'forward', name, isUnion: kind === 'union' }, die.offset);
    }
    const members: Member[] = [];
    const id = this.#add({ kind, name, size: die.unit.number(die, At.byteSize) ?? 0, members }, die.offset);
    for (const child of die.children) {
      if (child.tag !== Tag.member) continue;
      const reference = child.unit.reference(child, At.type);
      const type = reference === null ? 0 : this.#convert(reference, depth + 1);
      members.push({ name: child.unit.text(child, At.name), type, ...bitPlace(child) });
    }
    return id;
  }

  #enum(die: Die, name: string): TypeId {
    const values = die.children
      .filter(child => child.tag === Tag.enumerator)
      .map(child => ({ name: child.unit.text(child, At.name), value: bigintOf(child, At.constValue) }));
    const underlying = this.#strip(die);
    const encoding = underlying ? encodings[underlying.unit.number(underlying, At.encoding) ?? 7] : 'unsigned';
    const signed = encoding === 'signed' || values.some(({ value }) => value < 0n);
    return this.#add({ kind: 'enum', name, size: die.unit.number(die, At.byteSize) ?? 4, signed, values }, die.offset);
  }

  #inBtf(die: Die): TypeId | null {
    const kind = tagNames.get(die.tag) ?? (die.tag === Tag.enumerationType ? 'enum' : null);
    const name = die.unit.text(die, At.name);
    if (!kind || name === '') return null;
    const members = die.children.filter(child => child.tag === Tag.member || child.tag === Tag.enumerator);
    const names = members.map(child => child.unit.text(child, At.name)).join(' ');
    const size = die.unit.number(die, At.byteSize);
    const found = this.#btf.get(`${kind} ${name}`)?.find(id => {
      const { type } = stripType(this.#table, id);
      if (type.kind !== kind || type.size !== size) return false;
      return (type.kind === 'enum' ? type.values : type.members).map(member => member.name).join(' ') === names;
    });
    return found ?? null;
  }
}

function bigintOf(die: Die, name: number): bigint {
  const value = die.attributes.get(name)?.value;
  return typeof value === 'bigint' ? value : typeof value === 'number' ? BigInt(value) : 0n;
}

function baseType(die: Die, name: string): Type {
  const size = die.unit.number(die, At.byteSize) ?? 0;
  const encoding = encodings[die.unit.number(die, At.encoding) ?? 7] ?? 'unsigned';
  if (encoding === 'float') return { kind: 'float', name, size };
  // DW_ATE_signed_char is also `signed char`, which is a number.
  const isChar = name === 'char';
  return {
    kind: 'int',
    name,
    size: Math.min(size, 16),
    encoding: isChar ? 'char' : encoding === 'char' ? 'signed' : encoding
  };
}

function countOf(subrange: Die): number {
  const count = subrange.unit.number(subrange, At.count);
  if (count !== null) return count;
  const upper = subrange.unit.number(subrange, At.upperBound);
  return upper === null ? 0 : upper + 1;
}

function bitPlace(member: Die): { bitOffset: number; bitSize: number } {
  const { unit } = member;
  const bitSize = unit.number(member, At.bitSize) ?? 0;
  const dataBitOffset = unit.number(member, At.dataBitOffset);
  if (dataBitOffset !== null) return { bitOffset: dataBitOffset, bitSize };
  const byteOffset = unit.number(member, At.dataMemberLocation) ?? 0;
  const fromTop = unit.number(member, At.bitOffset);
  if (fromTop === null) return { bitOffset: byteOffset * 8, bitSize };
  // DWARF 2 counts a bit-field from the most significant bit of its storage unit.
  const storageBits = (unit.number(member, At.byteSize) ?? 0) * 8;
  return { bitOffset: byteOffset * 8 + storageBits - fromTop - bitSize, bitSize };
}
