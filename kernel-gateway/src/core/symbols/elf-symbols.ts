/** Functions of an ELF executable or shared library of a target (elf(5)), read in the parts that are needed. */
import { AddressTable, type NamedAddress } from './address-table.js';

/** Reads bytes of the file; fewer at its end. */
export type ReadPart = (offset: bigint, bytes: number) => Promise<Uint8Array>;

/** A loadable segment: which bytes of the file are seen at which address. */
interface Segment {
  offset: bigint;
  address: bigint;
  bytes: bigint;
}

interface Section {
  name: number;
  type: number;
  offset: bigint;
  bytes: number;
  link: number;
}

/** Where the parts of a file are; small to read, and it tells whether the rest is known already. */
export interface ElfLayout {
  /** Lower-case hex; empty when the linker wrote none. */
  buildId: string;
  segments: Segment[];
  /** The symbol table and its strings: the full one, or that of what is exported; null: neither. */
  symbols: { table: Section; strings: Section; isFull: boolean } | null;
}

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;
const PT_LOAD = 1;
const SHT_SYMTAB = 2;
const SHT_NOTE = 7;
const SHT_DYNSYM = 11;
const NT_GNU_BUILD_ID = 3;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
/** More than any file has that a person has linked; a broken header must not ask for gigabytes. */
const MAX_HEADERS = 4096;
const MAX_TABLE_BYTES = 128 * 1024 * 1024;
const MAX_NOTE_BYTES = 4096;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Sections, segments and build id; null for what is no 64-bit little-endian ELF. */
export async function readElfLayout(read: ReadPart): Promise<ElfLayout | null> {
  const header = await read(0n, HEADER_BYTES);
  if (header.length < HEADER_BYTES) return null;
  const view = viewOf(header);
  // 0x7f ELF, 64 bits, little-endian.
  if (view.getUint32(0, false) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return null;
  const segmentCount = Math.min(view.getUint16(56, true), MAX_HEADERS);
  const sectionCount = Math.min(view.getUint16(60, true), MAX_HEADERS);
  const [segmentBytes, sectionBytes] = await Promise.all([
    read(view.getBigUint64(32, true), segmentCount * SEGMENT_BYTES),
    sectionCount === 0 ? new Uint8Array(0) : read(view.getBigUint64(40, true), sectionCount * SECTION_BYTES)
  ]);
  const sections = readSections(sectionBytes);
  return {
    buildId: await readBuildId(sections, read),
    segments: readSegments(segmentBytes),
    symbols: findSymbols(sections)
  };
}

function readSegments(bytes: Uint8Array): Segment[] {
  const view = viewOf(bytes);
  const segments: Segment[] = [];
  for (let at = 0; at + SEGMENT_BYTES <= bytes.length; at += SEGMENT_BYTES) {
    if (view.getUint32(at, true) !== PT_LOAD) continue;
    segments.push({
      offset: view.getBigUint64(at + 8, true),
      address: view.getBigUint64(at + 16, true),
      bytes: view.getBigUint64(at + 32, true)
    });
  }
  return segments;
}

function readSections(bytes: Uint8Array): Section[] {
  const view = viewOf(bytes);
  const sections: Section[] = [];
  for (let at = 0; at + SECTION_BYTES <= bytes.length; at += SECTION_BYTES) {
    sections.push({
      name: view.getUint32(at, true),
      type: view.getUint32(at + 4, true),
      offset: view.getBigUint64(at + 24, true),
      bytes: Number(view.getBigUint64(at + 32, true) & 0x1fffffffffffffn),
      link: view.getUint32(at + 40, true)
    });
  }
  return sections;
}

async function readBuildId(sections: readonly Section[], read: ReadPart): Promise<string> {
  for (const note of sections.filter(section => section.type === SHT_NOTE)) {
    const bytes = await read(note.offset, Math.min(note.bytes, MAX_NOTE_BYTES));
    if (bytes.length < 16) continue;
    const view = viewOf(bytes);
    const [nameBytes, idBytes, type] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
    if (type !== NT_GNU_BUILD_ID || nameBytes !== 4 || view.getUint32(12, false) !== 0x474e5500) continue;
    return [...bytes.subarray(16, 16 + idBytes)].map(byte => byte.toString(16).padStart(2, '0')).join('');
  }
  return '';
}

function findSymbols(sections: readonly Section[]): ElfLayout['symbols'] {
  const full = sections.find(section => section.type === SHT_SYMTAB);
  const table = full ?? sections.find(section => section.type === SHT_DYNSYM);
  const strings = table && sections[table.link];
  if (!table || !strings || table.bytes > MAX_TABLE_BYTES || strings.bytes > MAX_TABLE_BYTES) return null;
  return { table, strings, isFull: full !== undefined };
}

/** The functions of the table that the layout has found, by the addresses of the file. */
export async function readElfFunctions(layout: ElfLayout, read: ReadPart): Promise<AddressTable> {
  if (layout.symbols === null) return new AddressTable([]);
  const { table, strings } = layout.symbols;
  const [symbols, names] = await Promise.all([read(table.offset, table.bytes), read(strings.offset, strings.bytes)]);
  const view = viewOf(symbols);
  const entries: NamedAddress[] = [];
  const sizes: bigint[] = [];
  for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
    const type = view.getUint8(at + 4) & 0xf;
    const isDefined = view.getUint16(at + 6, true) !== 0;
    if (!isDefined || (type !== STT_FUNC && type !== STT_GNU_IFUNC)) continue;
    entries.push({
      address: view.getBigUint64(at + 8, true),
      name: textAt(names, view.getUint32(at, true)),
      origin: ''
    });
    sizes.push(view.getBigUint64(at + 16, true));
  }
  return new AddressTable(entries, sizes);
}

function textAt(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(0, start);
  let text = '';
  for (let at = start; at < (end < 0 ? bytes.length : end); at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

/** The address in the file's own numbering of a byte of the file; null when no segment has it. */
export function fileAddress(layout: ElfLayout, fileOffset: bigint): bigint | null {
  const segment = layout.segments.find(one => fileOffset >= one.offset && fileOffset < one.offset + one.bytes);
  return segment ? fileOffset - segment.offset + segment.address : null;
}
