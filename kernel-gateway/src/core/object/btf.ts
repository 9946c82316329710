/** BTF, the type section of BPF objects (Documentation/bpf/btf.rst; linux/btf.h). Ids of BTF are kept as indexes. */
import { ByteReader } from './byte-reader.js';
import { objectInvalid } from './object-invalid.js';
import type { Member, Type, TypeId } from './type-table.js';

/** A BTF_KIND_VAR; `linkage` 0 static, 1 global, 2 extern. */
export interface BtfVariable {
  name: string;
  type: TypeId;
  linkage: number;
}

/** A BTF_KIND_DATASEC; offsets are as clang wrote them, which is 0 for globals until an ELF symbol says more. */
export interface BtfDataSection {
  name: string;
  size: number;
  entries: { id: TypeId; offset: number; size: number }[];
}

/** One object's BTF. `types[id]` is a void for ids of variables, data sections and tags, which have their own lists. */
export interface Btf {
  types: Type[];
  variables: Map<TypeId, BtfVariable>;
  functions: Map<TypeId, BtfVariable>;
  dataSections: BtfDataSection[];
  tags: { value: string; type: TypeId; component: number }[];
  /** Text of the string section, for .BTF.ext. */
  text(offset: number): string;
}

const MAGIC = 0xeb9f;
const VOID: Type = { kind: 'void' };

const Kind = {
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  funcProto: 13,
  var: 14,
  dataSection: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19
} as const;

const qualifiers = new Map<number, 'const' | 'volatile' | 'restrict' | 'tag'>([
  [Kind.volatile, 'volatile'],
  [Kind.const, 'const'],
  [Kind.restrict, 'restrict'],
  [Kind.typeTag, 'tag']
]);

/** One entry under way: `vlen` items follow, `sizeOrType` is what the C union holds. */
interface Entry {
  kind: number;
  name: string;
  vlen: number;
  kindFlag: boolean;
  sizeOrType: number;
}

/** Legacy ints that are narrower than their bytes: how old compilers wrote bit-fields. */
interface NarrowInt {
  bits: number;
  offset: number;
}

/** Reads the entries of a type section, all of them or one. */
export class BtfReader {
  readonly btf: Btf;
  readonly #reader: ByteReader;
  readonly #strings: ByteReader;
  readonly #narrow = new Map<TypeId, NarrowInt>();

  constructor(types: Uint8Array, strings: Uint8Array) {
    this.#reader = new ByteReader(types, 'the BTF type section');
    this.#strings = new ByteReader(strings, 'the BTF string section');
    this.btf = {
      types: [VOID],
      variables: new Map(),
      functions: new Map(),
      dataSections: [],
      tags: [],
      text: offset => this.#text(offset)
    };
  }

  readAll(): Btf {
    while (this.#reader.at < this.#reader.length) this.btf.types.push(this.#next());
    this.#narrowMembers();
    this.#checkReferences();
    return this.btf;
  }

  /** The type whose entry begins at an offset of the type section; legacy bit-fields stay as they are written. */
  typeAt(offset: number): Type {
    this.#reader.seek(offset);
    return this.#next();
  }

  #next(): Type {
    const name = this.#text(this.#reader.u32());
    const info = this.#reader.u32();
    return this.#read({
      name,
      kind: (info >>> 24) & 0x1f,
      vlen: info & 0xffff,
      kindFlag: info >>> 31 === 1,
      sizeOrType: this.#reader.u32()
    });
  }

  #text(offset: number): string {
    return offset === 0 ? '' : this.#strings.textAt(offset);
  }

  #read(entry: Entry): Type {
    const { name, sizeOrType } = entry;
    const qualifier = qualifiers.get(entry.kind);
    if (qualifier) return { kind: 'qualifier', qualifier, target: sizeOrType };
    switch (entry.kind) {
      case Kind.int:
        return this.#int(entry);
      case Kind.pointer:
        return { kind: 'pointer', target: sizeOrType };
      case Kind.array:
        return this.#array();
      case Kind.struct:
      case Kind.union:
        return this.#struct(entry);
      case Kind.enum:
      case Kind.enum64:
        return this.#enum(entry);
      case Kind.typedef:
        return { kind: 'typedef', name, target: sizeOrType };
      default:
        return this.#readRare(entry);
    }
  }

  #readRare(entry: Entry): Type {
    const { name, sizeOrType } = entry;
    switch (entry.kind) {
      case Kind.forward:
        return { kind: 'forward', name, isUnion: entry.kindFlag };
      case Kind.float:
        return { kind: 'float', name, size: sizeOrType };
      case Kind.funcProto:
        return this.#prototype(entry);
      default:
        return this.#declaration(entry);
    }
  }

  #int({ name, sizeOrType: size }: Entry): Type {
    const info = this.#reader.u32();
    const flags = (info >>> 24) & 0xf;
    const bits = info & 0xff;
    const offset = (info >>> 16) & 0xff;
    if (size > 16) throw objectInvalid(`the BTF integer "${name}" has ${size} bytes`);
    if (bits > 0 && (bits !== size * 8 || offset > 0)) this.#narrow.set(this.btf.types.length, { bits, offset });
    const encoding = flags & 4 ? 'bool' : name === 'char' || flags & 2 ? 'char' : flags & 1 ? 'signed' : 'unsigned';
    return { kind: 'int', name, size, encoding };
  }

  #array(): Type {
    const element = this.#reader.u32();
    this.#reader.skip(4);
    return { kind: 'array', element, count: this.#reader.u32() };
  }

  #struct(entry: Entry): Type {
    const members: Member[] = [];
    for (let index = 0; index < entry.vlen; index++) {
      const name = this.#text(this.#reader.u32());
      const type = this.#reader.u32();
      const offset = this.#reader.u32();
      members.push(
        entry.kindFlag
          ? { name, type, bitOffset: offset & 0xffffff, bitSize: offset >>> 24 }
          : { name, type, bitOffset: offset, bitSize: 0 }
      );
    }
    const kind = entry.kind === Kind.struct ? 'struct' : 'union';
    return { kind, name: entry.name, size: entry.sizeOrType, members };
  }

  #enum(entry: Entry): Type {
    const signed = entry.kindFlag;
    const values: { name: string; value: bigint }[] = [];
    for (let index = 0; index < entry.vlen; index++) {
      const name = this.#text(this.#reader.u32());
      if (entry.kind === Kind.enum64) {
        const value = this.#reader.u64();
        values.push({ name, value: signed ? BigInt.asIntN(64, value) : value });
      } else {
        values.push({ name, value: BigInt(signed ? this.#reader.i32() : this.#reader.u32()) });
      }
    }
    return { kind: 'enum', name: entry.name, size: entry.sizeOrType, signed, values };
  }

  #prototype(entry: Entry): Type {
    const parameters: { name: string; type: TypeId }[] = [];
    for (let index = 0; index < entry.vlen; index++) {
      const name = this.#text(this.#reader.u32());
      parameters.push({ name, type: this.#reader.u32() });
    }
    return { kind: 'function', name: '', returns: entry.sizeOrType, parameters };
  }

  #declaration(entry: Entry): Type {
    const id = this.btf.types.length;
    if (entry.kind === Kind.var) {
      this.btf.variables.set(id, { name: entry.name, type: entry.sizeOrType, linkage: this.#reader.u32() });
    } else if (entry.kind === Kind.func) {
      this.btf.functions.set(id, { name: entry.name, type: entry.sizeOrType, linkage: entry.vlen });
    } else if (entry.kind === Kind.dataSection) {
      const entries = Array.from({ length: entry.vlen }, () => ({
        id: this.#reader.u32(),
        offset: this.#reader.u32(),
        size: this.#reader.u32()
      }));
      this.btf.dataSections.push({ name: entry.name, size: entry.sizeOrType, entries });
    } else if (entry.kind === Kind.declTag) {
      this.btf.tags.push({ value: entry.name, type: entry.sizeOrType, component: this.#reader.i32() });
    } else {
      throw objectInvalid(`its BTF has a type of the unknown kind ${entry.kind}`);
    }
    return VOID;
  }

  /** Before kind_flag, a bit-field was a member whose int type says fewer bits than bytes. */
  #narrowMembers(): void {
    if (this.#narrow.size === 0) return;
    for (const type of this.btf.types) {
      if (type.kind !== 'struct' && type.kind !== 'union') continue;
      for (const member of type.members) {
        const narrow = member.bitSize === 0 ? this.#narrow.get(member.type) : undefined;
        if (!narrow) continue;
        member.bitSize = narrow.bits;
        member.bitOffset += narrow.offset;
      }
    }
  }

  #checkReferences(): void {
    const count = this.btf.types.length;
    const check = (id: TypeId): void => {
      if (id >= count) throw objectInvalid(`its BTF names type ${id}, but has only ${count}`);
    };
    for (const type of this.btf.types) referencesOf(type).forEach(check);
    for (const variable of [...this.btf.variables.values(), ...this.btf.functions.values()]) check(variable.type);
    for (const section of this.btf.dataSections) for (const entry of section.entries) check(entry.id);
  }
}

/** Ids of the types that a type names directly. */
function referencesOf(type: Type): TypeId[] {
  switch (type.kind) {
    case 'pointer':
    case 'typedef':
    case 'qualifier':
      return [type.target];
    case 'array':
      return [type.element];
    case 'struct':
    case 'union':
      return type.members.map(member => member.type);
    case 'function':
      return [type.returns, ...type.parameters.map(parameter => parameter.type)];
    default:
      return [];
  }
}

/**
 * The parts of a .BTF section; no copies.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when it is broken
 */
export function btfParts(section: Uint8Array): { types: Uint8Array; strings: Uint8Array } {
  const header = new ByteReader(section, 'the BTF header');
  if (header.u16() !== MAGIC) throw objectInvalid('its BTF section has no BTF magic');
  header.skip(2);
  const headerBytes = header.u32();
  const typeOffset = headerBytes + header.u32();
  const typeBytes = header.u32();
  const stringOffset = headerBytes + header.u32();
  const stringBytes = header.u32();
  if (typeOffset + typeBytes > section.length || stringOffset + stringBytes > section.length) {
    throw objectInvalid('its BTF section ends before the types or strings that it names');
  }
  return {
    types: section.subarray(typeOffset, typeOffset + typeBytes),
    strings: section.subarray(stringOffset, stringOffset + stringBytes)
  };
}

/**
 * Reads a .BTF section.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when it is broken or has a kind later than BTF_KIND_ENUM64 (19).
 */
export function readBtf(section: Uint8Array): Btf {
  const { types, strings } = btfParts(section);
  return new BtfReader(types, strings).readAll();
}
