/** Text of a value to its bytes: what users write into `--set` and into a map's cells; reads what `formatValue` writes. */
import { sizeOf, stripType, typeName } from '../object/type-layout.js';
import type { Member, Type, TypeId, TypeTable } from '../object/type-table.js';
import { encodeUtf8 } from './encode-utf8.js';
import { parseInteger } from './parse-integer.js';
import { isAggregate, isChar, isSigned, rowBytesOf, type Place } from './value-text.js';
import { parseTree, unescapeBytes, valueInvalid, type ValueTree } from './value-tree.js';

/** Members that a value can name; more are in no struct. */
const MAX_MEMBERS = 65_536;
const MAX_DEPTH = 16;

type Scalar = Extract<Type, { kind: 'int' | 'enum' | 'pointer' }>;

class ValueWriter {
  readonly #types: TypeTable;
  readonly #bytes: Uint8Array;

  constructor(types: TypeTable, bytes: Uint8Array) {
    this.#types = types;
    this.#bytes = bytes;
  }

  write(place: Place, tree: ValueTree): void {
    const { type } = stripType(this.#types, place.type);
    switch (type.kind) {
      case 'int':
      case 'enum':
      case 'pointer':
        this.#writeScalar(type, place, tree);
        break;
      case 'float':
        this.#writeFloat(type.size, place, tree);
        break;
      case 'array':
        this.#writeArray(type, place, tree);
        break;
      case 'struct':
      case 'union':
        this.#writeMembers(type, place, tree);
        break;
      default:
        throw valueInvalid(tree.text, `${typeName(this.#types, place.type)} has no value that can be written`);
    }
  }

  #writeScalar(type: Scalar, place: Place, tree: ValueTree): void {
    const bits = BigInt(place.bitSize > 0 ? place.bitSize : (type.kind === 'pointer' ? 8 : type.size) * 8);
    const value = scalarValue(type, tree, typeName(this.#types, place.type));
    const [least, most] = isSigned(type) ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
    if (value < least || value > most) {
      throw valueInvalid(tree.text, `${typeName(this.#types, place.type)} holds ${least} to ${most} here`);
    }
    this.#writeBits(place.bitOffset, Number(bits), BigInt.asUintN(Number(bits), value));
  }

  #writeBits(bitOffset: number, count: number, value: bigint): void {
    for (let bit = 0; bit < count;) {
      const at = bitOffset + bit;
      const shift = at & 7;
      const taken = Math.min(8 - shift, count - bit);
      const mask = ((1 << taken) - 1) << shift;
      const part = (Number((value >> BigInt(bit)) & 0xffn) << shift) & mask;
      this.#bytes[at >> 3] = ((this.#bytes[at >> 3] ?? 0) & ~mask) | part;
      bit += taken;
    }
  }

  #writeFloat(size: number, place: Place, tree: ValueTree): void {
    const value = Number(tree.text);
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    const isNumber = tree.kind === 'word' && (!Number.isNaN(value) || tree.text === 'NaN');
    if (!isNumber) throw valueInvalid(tree.text, 'it is no number');
    if (size === 8) view.setFloat64(place.bitOffset >> 3, value, true);
    else if (size === 4) view.setFloat32(place.bitOffset >> 3, value, true);
    else throw valueInvalid(tree.text, `floats of ${size} bytes cannot be written`);
  }

  #writeArray(type: Extract<Type, { kind: 'array' }>, place: Place, tree: ValueTree): void {
    if (tree.kind !== 'list') {
      if (!isChar(this.#types, type.element)) throw valueInvalid(tree.text, 'an array is written as [1, 2, 3]');
      const bytes = tree.kind === 'quoted' ? tree.bytes : encodeUtf8(tree.text);
      if (bytes.length > type.count)
        throw valueInvalid(tree.text, `it has ${bytes.length} bytes, but the array only ${type.count}`);
      this.#bytes.fill(0, place.bitOffset >> 3, (place.bitOffset >> 3) + type.count);
      this.#bytes.set(bytes, place.bitOffset >> 3);
      return;
    }
    const stride = sizeOf(this.#types, type.element) * 8;
    if (tree.items.length > type.count) {
      throw valueInvalid(tree.text, `it has ${tree.items.length} elements, but the array only ${type.count}`);
    }
    tree.items.forEach(({ name, value }, index) => {
      if (name !== null) throw valueInvalid(tree.text, `an array has no member "${name}"`);
      this.write({ type: type.element, bitOffset: place.bitOffset + index * stride, bitSize: 0 }, value);
    });
  }

  #writeMembers(type: Extract<Type, { kind: 'struct' | 'union' }>, place: Place, tree: ValueTree): void {
    if (tree.kind !== 'list')
      throw valueInvalid(tree.text, `${typeName(this.#types, place.type)} is written as {.member = value}`);
    const members = namedMembers(this.#types, type.members, place.bitOffset);
    tree.items.forEach(({ name, value }, index) => {
      const member = name === null ? members[index] : memberAt(this.#types, members, name);
      if (!member)
        throw valueInvalid(tree.text, `there is no member ${name === null ? `number ${index + 1}` : `"${name}"`}`);
      this.write(member.place, value);
    });
  }
}

interface NamedPlace {
  name: string;
  place: Place;
}

/** Members with those of anonymous structs and unions among them, at their places. */
function namedMembers(types: TypeTable, members: Member[], bitOffset: number): NamedPlace[] {
  const found: NamedPlace[] = [];
  addMembers(types, members, { bitOffset, depth: 0, found });
  return found;
}

function addMembers(
  types: TypeTable,
  members: Member[],
  { bitOffset, depth, found }: { bitOffset: number; depth: number; found: NamedPlace[] }
): void {
  for (const member of members) {
    if (found.length > MAX_MEMBERS) return;
    const place = { type: member.type, bitOffset: bitOffset + member.bitOffset, bitSize: member.bitSize };
    const { type } = stripType(types, member.type);
    if (member.name !== '') found.push({ name: member.name, place });
    else if ((type.kind === 'struct' || type.kind === 'union') && depth < MAX_DEPTH) {
      addMembers(types, type.members, { bitOffset: place.bitOffset, depth: depth + 1, found });
    }
  }
}

/** `a.b` names a member of a member. */
function memberAt(types: TypeTable, members: NamedPlace[], name: string): NamedPlace | undefined {
  const [first = '', ...rest] = name.split('.');
  const found = members.find(member => member.name === first);
  if (!found || rest.length === 0) return found;
  if (!isAggregate(types, found.place.type)) return undefined;
  const { type } = stripType(types, found.place.type);
  const inner = 'members' in type ? namedMembers(types, type.members, found.place.bitOffset) : [];
  return memberAt(types, inner, rest.join('.'));
}

function boolValue(plain: string): bigint | null {
  if (plain === 'true' || plain === '1') return 1n;
  return plain === 'false' || plain === '0' ? 0n : null;
}

/** `'a'`, with C's escapes; BPF's char is signed. */
function characterValue(plain: string): bigint | null {
  const character = /^'([\s\S]+)'$/.exec(plain)?.[1];
  const bytes = character === undefined ? [] : unescapeBytes(character);
  return bytes.length === 1 ? BigInt.asIntN(8, BigInt(bytes[0] ?? 0)) : null;
}

const choicesOf = (type: Scalar): string =>
  type.kind === 'enum'
    ? ` or one of ${type.values
        .slice(0, 12)
        .map(known => known.name)
        .join(', ')}`
    : '';

function scalarValue(type: Scalar, tree: ValueTree, name: string): bigint {
  if (tree.kind === 'list') throw valueInvalid(tree.text, `${name} is one number`);
  const plain = tree.kind === 'quoted' ? tree.text.slice(1, -1) : tree.text;
  if (type.kind === 'int' && type.encoding === 'bool') {
    const value = boolValue(plain);
    if (value === null) throw valueInvalid(tree.text, 'a bool is true or false');
    return value;
  }
  const named = type.kind === 'enum' ? type.values.find(value => value.name === plain) : undefined;
  const value = named?.value ?? characterValue(plain) ?? parseInteger(plain);
  if (value !== null) return value;
  throw valueInvalid(tree.text, `${name} wants a number${choicesOf(type)}`);
}

/**
 * Bytes of a value, as long as the type. Members and elements that are not named are 0. Numbers are decimal, 0x…, 0o…,
 * 0b…; an enum's name; true and false; text for char arrays, with quotes or without; `{.a = 1}`, `{"a": 1}`, `[1, 2]`.
 *
 * @throws LabError BPFLAB_VALUE_INVALID
 */
export function parseValue(types: TypeTable, type: TypeId, text: string): Uint8Array {
  const bytes = new Uint8Array(rowBytesOf(types, type, 0));
  writeText(types, bytes, { type, bitOffset: 0, bitSize: 0 }, text);
  return bytes;
}

/**
 * Writes a value's member over the bytes of the value that are there; all others stay. `path` is its C path (`task.pid`),
 * empty for the whole value; text as for `parseValue`.
 *
 * @throws LabError BPFLAB_VALUE_INVALID
 */
export function patchValue(
  types: TypeTable,
  type: TypeId,
  bytes: Uint8Array,
  { path, text }: { path: string; text: string }
): void {
  const whole: Place = { type, bitOffset: 0, bitSize: 0 };
  if (path === '') {
    writeText(types, bytes, whole, text);
    return;
  }
  const stripped = stripType(types, type).type;
  const members = 'members' in stripped ? namedMembers(types, stripped.members, 0) : [];
  const member = memberAt(types, members, path);
  if (!member) throw valueInvalid(text, `there is no member "${path}"`);
  writeText(types, bytes, member.place, text);
}

function writeText(types: TypeTable, bytes: Uint8Array, place: Place, text: string): void {
  const stripped = stripType(types, place.type).type;
  const isText = stripped.kind === 'array' && isChar(types, stripped.element);
  // Unquoted text of a char array is taken as it is, spaces and all.
  const isBare = isText && !/^\s*["[{]/.test(text);
  new ValueWriter(types, bytes).write(place, isBare ? { kind: 'word', text } : parseTree(text));
}
