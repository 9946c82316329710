/** Adds the type of the filter's map to an object's BTF (Documentation/bpf/btf.rst; libbpf's BTF-defined maps). */
import { viewOf } from '../object/object-image.js';
import { objectInvalid } from '../object/object-invalid.js';

const MAGIC = 0xeb9f;
const BPF_MAP_TYPE_HASH = 1;
const Kind = { int: 1, pointer: 2, array: 3, struct: 4, variable: 14, dataSection: 15 } as const;
/** Bytes behind the 12 of each type, by kind: fixed, and for each of its vlen members. */
const tailBytes = new Map<number, readonly [fixed: number, each: number]>([
  [1, [4, 0]],
  [3, [12, 0]],
  [4, [0, 12]],
  [5, [0, 12]],
  [6, [0, 8]],
  [13, [0, 8]],
  [14, [4, 0]],
  [15, [0, 12]],
  [17, [4, 0]],
  [19, [0, 12]]
]);

/** Bytes of the filter map's definition in section .maps: a pointer for each of type, max_entries, key, value. */
export const FILTER_MAP_BYTES = 32;

/** What is asked for: the map's name, its place in .maps, and how long .maps is with it. */
export interface FilterMap {
  name: string;
  offset: number;
  mapsBytes: number;
  maxEntries: number;
  /** Two texts for the prologue's line of source. */
  lineFile: string;
  lineText: string;
}

/** `insertedAt` is where 12 bytes came in between (-1: none), as an offset of the old section. */
export interface ChangedBtf {
  bytes: Uint8Array;
  insertedAt: number;
  lineFile: number;
  lineText: number;
}

interface DataSection {
  start: number;
  end: number;
  vlen: number;
}

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Counts the types, and finds the data section of maps. */
function scanTypes(types: Uint8Array, nameIs: (offset: number, name: string) => boolean): [number, DataSection | null] {
  const view = viewOf(types);
  let count = 0;
  let maps: DataSection | null = null;
  for (let at = 0; at < types.length; count++) {
    if (at + 12 > types.length) throw objectInvalid('its BTF ends in the middle of a type');
    const info = view.getUint32(at + 4, true);
    const kind = (info >>> 24) & 31;
    const vlen = info & 0xffff;
    const [fixed, each] = tailBytes.get(kind) ?? [0, 0];
    const end = at + 12 + fixed + each * vlen;
    if (end > types.length) throw objectInvalid('its BTF ends in the middle of a type');
    if (kind === Kind.dataSection && nameIs(view.getUint32(at, true), '.maps')) maps = { start: at, end, vlen };
    at = end;
  }
  return [count, maps];
}

/** Texts that are put behind a BTF string section, and their offsets. */
class Texts {
  readonly #parts: Uint8Array[];
  #length: number;

  constructor(strings: Uint8Array) {
    this.#parts = [strings];
    this.#length = strings.length;
  }

  add(text: string): number {
    const offset = this.#length;
    // Names and our own line are plain ASCII.
    const bytes = Uint8Array.from(`${text}\0`, char => char.charCodeAt(0));
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return offset;
  }

  bytes(): Uint8Array {
    return concat(...this.#parts);
  }
}

/** Types that are put behind those of an object; each call returns the id of the new type. */
class Types {
  readonly parts: Uint8Array[] = [];
  readonly #texts: Texts;
  #count: number;

  constructor(count: number, texts: Texts) {
    this.#count = count;
    this.#texts = texts;
  }

  /** `size` is what the C union of size and type holds; `tail` stands behind the 12 bytes of every type. */
  add(
    kind: number,
    name: string,
    size: number,
    { tail = [], vlen = 0 }: { tail?: number[]; vlen?: number } = {}
  ): number {
    this.parts.push(words(name === '' ? 0 : this.#texts.add(name), (kind << 24) | vlen, size, ...tail));
    return ++this.#count;
  }

  /** `struct { __uint(type, HASH); __uint(max_entries, …); __type(key, u64); __type(value, u8); }` as libbpf reads it. */
  addMap(maxEntries: number): number {
    const signed = this.add(Kind.int, 'int', 4, { tail: [(1 << 24) | 32] });
    const key = this.add(Kind.int, 'unsigned long long', 8, { tail: [64] });
    const value = this.add(Kind.int, 'unsigned char', 1, { tail: [8] });
    const index = this.add(Kind.int, '__ARRAY_SIZE_TYPE__', 4, { tail: [32] });
    const number = (count: number): number =>
      this.add(Kind.pointer, '', this.add(Kind.array, '', 0, { tail: [signed, index, count] }));
    const members: [string, number][] = [
      ['type', number(BPF_MAP_TYPE_HASH)],
      ['max_entries', number(maxEntries)],
      ['key', this.add(Kind.pointer, '', key)],
      ['value', this.add(Kind.pointer, '', value)]
    ];
    const tail = members.flatMap(([name, type], at) => [this.#texts.add(name), type, at * 64]);
    return this.add(Kind.struct, '', FILTER_MAP_BYTES, { tail, vlen: members.length });
  }
}

/**
 * The object's BTF with the filter's map in it.
 *
 * @param section - bytes of `.BTF`; is not changed
 * @param map - what is added
 * @throws LabError BPFLAB_OBJECT_INVALID
 */
export function addFilterMap(section: Uint8Array, map: FilterMap): ChangedBtf {
  const view = viewOf(section);
  if (section.length < 24 || view.getUint16(0, true) !== MAGIC) throw objectInvalid('its BTF has no header');
  const headBytes = view.getUint32(4, true);
  const part = (at: number): Uint8Array => {
    const start = headBytes + view.getUint32(at, true);
    const end = start + view.getUint32(at + 4, true);
    if (end > section.length) throw objectInvalid('its BTF is cut off');
    return section.slice(start, end);
  };
  const [types, strings] = [part(8), part(16)];
  const nameIs = (offset: number, name: string): boolean =>
    [...`${name}\0`].every((char, index) => strings[offset + index] === char.charCodeAt(0));
  const [count, maps] = scanTypes(types, nameIs);
  const texts = new Texts(strings);
  const added = new Types(count, texts);
  const variable = added.add(Kind.variable, map.name, added.addMap(map.maxEntries), { tail: [1] });
  const entry = words(variable, map.offset, FILTER_MAP_BYTES);
  let old = [types];
  if (maps === null)
    added.add(Kind.dataSection, '.maps', map.mapsBytes, { tail: [variable, map.offset, FILTER_MAP_BYTES], vlen: 1 });
  else {
    const head = viewOf(types);
    head.setUint32(maps.start + 4, (Kind.dataSection << 24) | (maps.vlen + 1), true);
    // clang leaves the size 0 for libbpf to fill in.
    if (head.getUint32(maps.start + 8, true) !== 0) head.setUint32(maps.start + 8, map.mapsBytes, true);
    old = [types.subarray(0, maps.end), entry, types.subarray(maps.end)];
  }
  const [lineFile, lineText] = [texts.add(map.lineFile), texts.add(map.lineText)];
  const allTypes = concat(...old, ...added.parts);
  const allTexts = texts.bytes();
  const head = section.slice(0, headBytes);
  const header = viewOf(head);
  header.setUint32(8, 0, true);
  header.setUint32(12, allTypes.length, true);
  header.setUint32(16, allTypes.length, true);
  header.setUint32(20, allTexts.length, true);
  const insertedAt = maps === null ? -1 : headBytes + view.getUint32(8, true) + maps.end;
  return { bytes: concat(head, allTypes, allTexts), insertedAt, lineFile, lineText };
}
