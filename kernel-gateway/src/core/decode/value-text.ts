/**
 * Text of values as C would write them: `{.pid = 1, .comm = "bash"}`, `[1, 2]`, enums by name, pointers in hex. What this
 * writes, `parseValue` reads back.
 */
import { objectInvalid } from '../object/object-invalid.js';
import { sizeOf, stripType } from '../object/type-layout.js';
import type { Member, Type, TypeId, TypeTable } from '../object/type-table.js';
import type { Row } from './column.js';
import { decodeText, quoteText } from './decode-text.js';
import { bitFieldWords, integerWords, wordsToText } from './integer-words.js';

const MAX_DEPTH = 16;
/** Readers that one compiler makes: more than any struct of a program has parts. */
const MAX_READERS = 20_000;
/** Values of maps and variables are smaller. */
const MAX_VALUE_BYTES = 256 * 1024 * 1024;
/** Characters after which a value is cut with "…": only a broken or absurd type gets there. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** A part of a record that a value stands in; bit sizes are those of bit-fields, else 0. */
export interface Place {
  type: TypeId;
  bitOffset: number;
  bitSize: number;
}

type TextReader = (row: Row) => string;

/** True for `char`, of which arrays are text; not for `unsigned char` and `signed char`, which are small numbers. */
export function isChar(types: TypeTable, id: TypeId): boolean {
  const { type } = stripType(types, id);
  return type.kind === 'int' && type.size === 1 && type.encoding === 'char';
}

/** Names of enum values as text; a value without a name is its number. */
function enumText(type: Extract<Type, { kind: 'enum' }>): (low: number, high: number) => string {
  const names = new Map<string, string>();
  for (const { name, value } of type.values) {
    const key = value.toString();
    if (!names.has(key)) names.set(key, name);
  }
  return (low, high) => {
    const key = wordsToText(low, high, type.signed);
    return names.get(key) ?? key;
  };
}

/** `0x` and the hex digits of both halves, without leading zeros. */
function hexText(low: number, high: number): string {
  return high === 0 ? `0x${low.toString(16)}` : `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`;
}

/** `0x` and the hex digits of `size` little-endian bytes, without leading zeros: integers wider than 64 bits. */
function wideHexText(row: Row, offset: number, size: number): string {
  let text = '';
  for (let index = size - 1; index >= 0; index--)
    text += row.view
      .getUint8(row.at + offset + index)
      .toString(16)
      .padStart(2, '0');
  return `0x${text.replace(/^0+(?=.)/, '')}`;
}

/** End of the text that starts at `offset`: its first NUL, or the end of the array, or of the record for `char x[]`. */
function charsEnd(row: Row, offset: number, size: number): number {
  const start = row.at + offset;
  const limit = size > 0 ? start + size : Math.max(start, row.at + row.length);
  let end = start;
  while (end < limit && row.bytes[end] !== 0) end++;
  return end;
}

/** Text up to the first NUL, at most to the end of the record when the array has no length of its own. */
export function charsText(row: Row, offset: number, size: number): string {
  return decodeText(row.bytes, row.at + offset, charsEnd(row, offset, size));
}

/** Where a part of a value is compiled: how deep inside, and where the bytes end that it may read. */
interface Frame {
  depth: number;
  endBits: number;
}

/** Compiles readers of values of one table. One compiler makes a bounded number of them, whatever the types are. */
export class TextCompiler {
  readonly #types: TypeTable;
  readonly #maxElements: number;
  #left = MAX_READERS;

  /** Arrays are cut after `maxElements` elements. */
  constructor(types: TypeTable, maxElements: number) {
    this.#types = types;
    this.#maxElements = maxElements;
  }

  /**
   * Reader of the value at a place of rows of `rowBytes` bytes.
   *
   * @throws LabError BPFLAB_OBJECT_INVALID for a type that ends behind the row
   */
  compile(place: Place, rowBytes: number): TextReader {
    return this.#compile(place, { depth: 0, endBits: rowBytes * 8 });
  }

  #compile(place: Place, frame: Frame): TextReader {
    if (frame.depth > MAX_DEPTH || this.#left-- <= 0) return () => '…';
    const { type } = stripType(this.#types, place.type);
    const offset = place.bitOffset >> 3;
    if (type.kind === 'struct' || type.kind === 'union') return this.#struct(type.members, place.bitOffset, frame);
    checkPlace(this.#types, place, frame.endBits);
    switch (type.kind) {
      case 'int':
      case 'enum':
      case 'pointer':
        return scalarText(type, place);
      case 'float':
        return row => String(readFloat(row, offset, type.size));
      case 'array':
        return this.#array(type, offset, frame.depth);
      default:
        return () => '';
    }
  }

  #array(type: Extract<Type, { kind: 'array' }>, offset: number, depth: number): TextReader {
    if (isChar(this.#types, type.element)) {
      return row => quoteText(row.bytes, row.at + offset, charsEnd(row, offset, type.count));
    }
    const stride = sizeOf(this.#types, type.element);
    if (stride === 0) return () => '[]';
    const place = { type: type.element, bitOffset: 0, bitSize: 0 };
    const element = this.#compile(place, { depth: depth + 1, endBits: stride * 8 });
    return row => {
      const count = type.count > 0 ? type.count : Math.max(0, Math.floor((row.length - offset) / stride));
      const shown = Math.min(count, this.#maxElements);
      const inner: Row = { ...row };
      const parts: string[] = [];
      let characters = 0;
      for (let index = 0; index < shown && characters < MAX_CHARACTERS; index++) {
        inner.at = row.at + offset + index * stride;
        inner.length = stride;
        const text = element(inner);
        characters += text.length;
        parts.push(text);
      }
      if (parts.length < count) parts.push(`… ${count - parts.length} more`);
      return `[${parts.join(', ')}]`;
    };
  }

  #struct(members: Member[], bitOffset: number, frame: Frame): TextReader {
    const readers = members
      .filter(member => member.name !== '' || isAggregate(this.#types, member.type))
      .map(member => {
        const place = { type: member.type, bitOffset: bitOffset + member.bitOffset, bitSize: member.bitSize };
        return { name: member.name, read: this.#compile(place, { ...frame, depth: frame.depth + 1 }) };
      });
    return row => {
      const parts: string[] = [];
      let characters = 0;
      for (const { name, read } of readers) {
        const text = read(row);
        characters += text.length;
        if (characters > MAX_CHARACTERS) return `{${parts.join(', ')}, …}`;
        if (name !== '') parts.push(`.${name} = ${text}`);
        // Members of an anonymous struct or union belong to the outer one.
        else if (text.length > 2) parts.push(text.slice(1, -1));
      }
      return `{${parts.join(', ')}}`;
    };
  }
}

/** A value must end where its row ends: offsets of a broken table could lead anywhere. */
export function checkPlace(types: TypeTable, { type, bitOffset, bitSize }: Place, endBits: number): void {
  const size = bitSize > 0 ? bitSize : sizeOf(types, type) * 8;
  if (bitOffset + size > endBits) throw objectInvalid('a member of a struct ends behind the struct');
}

/** True for structs and unions behind typedefs. */
export function isAggregate(types: TypeTable, id: TypeId): boolean {
  const { type } = stripType(types, id);
  return type.kind === 'struct' || type.kind === 'union';
}

/** A float of 2 to 8 bytes; wider ones have no exact value in a double and are NaN here. */
export function readFloat(row: Row, offset: number, size: number): number {
  if (size === 8) return row.view.getFloat64(row.at + offset, true);
  return size === 4 ? row.view.getFloat32(row.at + offset, true) : NaN;
}

/** Text of a number-like type. Integers wider than 64 bits are hex. */
export function scalarText(type: Extract<Type, { kind: 'int' | 'enum' | 'pointer' }>, place: Place): TextReader {
  const size = type.kind === 'pointer' ? 8 : type.size;
  if (size > 8 && place.bitSize === 0) return row => wideHexText(row, place.bitOffset >> 3, size);
  const words = wordsAt(type, place);
  if (type.kind === 'pointer') return row => hexText(words.low(row), words.high(row));
  if (type.kind === 'enum') {
    const name = enumText(type);
    return row => name(words.low(row), words.high(row));
  }
  if (type.encoding === 'bool') return row => ((words.low(row) | words.high(row)) === 0 ? 'false' : 'true');
  const signed = isSigned(type);
  return row => wordsToText(words.low(row), words.high(row), signed);
}

/** BPF's `char` is signed, as on x86. */
export function isSigned(type: Extract<Type, { kind: 'int' | 'enum' | 'pointer' }>): boolean {
  if (type.kind === 'enum') return type.signed;
  return type.kind === 'int' && (type.encoding === 'signed' || type.encoding === 'char');
}

/** Reader of the halves of a number-like type of at most 64 bits at its place. */
export function wordsAt(
  type: Extract<Type, { kind: 'int' | 'enum' | 'pointer' }>,
  place: Place
): ReturnType<typeof integerWords> {
  const signed = isSigned(type);
  if (place.bitSize > 0) return bitFieldWords(place.bitOffset, place.bitSize, signed);
  return integerWords(place.bitOffset >> 3, type.kind === 'pointer' ? 8 : type.size, signed);
}

/**
 * Bytes that readers of a value at a byte offset may touch.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID for a type of an absurd size
 */
export function rowBytesOf(types: TypeTable, type: TypeId, offset: number): number {
  const size = offset + sizeOf(types, type);
  if (size > MAX_VALUE_BYTES) throw objectInvalid(`a type has ${size} bytes`);
  return size;
}

/** One record as the readers see it. */
export function rowOf(bytes: Uint8Array, size: number): Row {
  const whole = bytes.length >= size ? bytes : new Uint8Array(size);
  if (whole !== bytes) whole.set(bytes);
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  return { view, bytes: whole, at: 0, length: bytes.length, number: 0 };
}

/**
 * Text of one whole value, nothing cut. `bytes` shorter than the type are read as if zeros followed.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when the type table is broken.
 */
export function formatValue(types: TypeTable, type: TypeId, bytes: Uint8Array): string {
  const size = rowBytesOf(types, type, 0);
  return new TextCompiler(types, Infinity).compile({ type, bitOffset: 0, bitSize: 0 }, size)(rowOf(bytes, size));
}
