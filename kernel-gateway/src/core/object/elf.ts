/** ELF64 little-endian relocatable files of the BPF machine, as clang writes them (elf(5), linux/elf.h). */
import { ByteReader } from './byte-reader.js';
import { objectInvalid } from './object-invalid.js';

/** A section; `data` is a view of the file, empty for SHT_NOBITS, whose `size` says how many zeros it stands for. */
export interface ElfSection {
  index: number;
  name: string;
  type: number;
  flags: number;
  size: number;
  data: Uint8Array;
  link: number;
  info: number;
}

/** A symbol; `section` is an index, or 0 (undefined) or ≥ 0xff00 (absolute, common). */
export interface ElfSymbol {
  name: string;
  value: number;
  size: number;
  section: number;
  type: number;
  binding: number;
}

/** A relocation of a SHT_REL or SHT_RELA section; `addend` is 0 for SHT_REL, whose addend stands in place. */
export interface ElfRelocation {
  offset: number;
  symbol: number;
  type: number;
  addend: bigint;
}

/** Contents of an object file. */
export interface Elf {
  sections: ElfSection[];
  symbols: ElfSymbol[];
  /** Relocations of the section with that index. Read when they are asked for: debug sections have very many. */
  relocationsOf(section: number): ElfRelocation[];
}

/** Section types, flags, symbol types and bindings that BPF objects use. */
export const ElfConstant = {
  shtProgbits: 1,
  shtSymtab: 2,
  shtRela: 4,
  shtNobits: 8,
  shtRel: 9,
  shfExecinstr: 4,
  shfCompressed: 0x800,
  sttFunc: 2,
  sttSection: 3,
  stbLocal: 0,
  stbWeak: 2,
  sectionHeaderBytes: 64,
  symbolBytes: 24
} as const;

const NO_ADDEND = 0n;
const EM_BPF = 247;
const ET_REL = 1;

function checkHeader(bytes: Uint8Array): void {
  const magic = [0x7f, 0x45, 0x4c, 0x46];
  if (bytes.length < 64 || magic.some((value, index) => bytes[index] !== value)) {
    throw objectInvalid('it is not an ELF file');
  }
  if (bytes[4] !== 2 || bytes[5] !== 1) throw objectInvalid('it is not a 64-bit little-endian ELF file');
  const reader = new ByteReader(bytes, 'the ELF header', 16);
  if (reader.u16() !== ET_REL) throw objectInvalid('it is not a relocatable ELF file');
  const machine = reader.u16();
  if (machine !== EM_BPF && machine !== 0) throw objectInvalid(`its machine is ${machine}, not BPF (247)`);
}

interface RawSection extends ElfSection {
  nameOffset: number;
}

function readSections(bytes: Uint8Array): ElfSection[] {
  const header = new ByteReader(bytes, 'the ELF header');
  const tableOffset = header.seek(0x28).size64();
  const shentsize = header.seek(0x3a).u16();
  const shnum = header.u16();
  const shstrndx = header.u16();
  if (tableOffset === 0) return [];
  if (shentsize !== ElfConstant.sectionHeaderBytes) {
    throw objectInvalid(`its section headers have ${shentsize} bytes, not 64`);
  }
  const table = new ByteReader(bytes, 'the section header table');
  // More than 0xff00 sections: the count stands in section 0 (gABI).
  const count = shnum === 0 ? table.seek(tableOffset + 0x20).size64() : shnum;
  if (tableOffset + count * shentsize > bytes.length) throw objectInvalid('its section headers end after the file');
  const raw: RawSection[] = [];
  for (let index = 0; index < count; index++) raw.push(readSection(bytes, table, { index, tableOffset }));
  nameSections(raw, shstrndx === 0xffff ? (raw[0]?.link ?? 0) : shstrndx);
  return raw;
}

function nameSections(raw: RawSection[], namesIndex: number): void {
  const names = new ByteReader(raw[namesIndex]?.data ?? new Uint8Array(0), 'the table of section names');
  for (const section of raw) section.name = section.nameOffset === 0 ? '' : names.textAt(section.nameOffset);
}

function readSection(bytes: Uint8Array, table: ByteReader, place: { index: number; tableOffset: number }): RawSection {
  table.seek(place.tableOffset + place.index * ElfConstant.sectionHeaderBytes);
  const nameOffset = table.u32();
  const type = table.u32();
  const flags = Number(table.u64() & 0xffffffffn);
  table.skip(8);
  const offset = table.size64();
  const size = table.size64();
  const link = table.u32();
  const info = table.u32();
  const hasData = type !== ElfConstant.shtNobits && type !== 0;
  if (hasData && offset + size > bytes.length) throw objectInvalid(`section ${place.index} ends after the file`);
  const data = hasData ? bytes.subarray(offset, offset + size) : bytes.subarray(0, 0);
  return { index: place.index, name: '', nameOffset, type, flags, size, data, link, info };
}

function readSymbols(sections: ElfSection[]): ElfSymbol[] {
  const table = sections.find(section => section.type === ElfConstant.shtSymtab);
  if (!table) return [];
  const reader = new ByteReader(table.data, 'the symbol table');
  const names = new ByteReader(sections[table.link]?.data ?? new Uint8Array(0), 'the table of symbol names');
  const symbols: ElfSymbol[] = [];
  const count = Math.floor(table.data.length / ElfConstant.symbolBytes);
  for (let index = 0; index < count; index++) {
    const nameOffset = reader.u32();
    const info = reader.u8();
    reader.skip(1);
    const section = reader.u16();
    const value = reader.size64();
    const size = reader.size64();
    const name = nameOffset === 0 ? '' : names.textAt(nameOffset);
    symbols.push({ name, value, size, section, type: info & 0xf, binding: info >> 4 });
  }
  return symbols;
}

function readRelocations(section: ElfSection): ElfRelocation[] {
  const withAddend = section.type === ElfConstant.shtRela;
  const reader = new ByteReader(section.data, `section ${section.name}`);
  const count = Math.floor(section.data.length / (withAddend ? 24 : 16));
  const relocations: ElfRelocation[] = [];
  for (let index = 0; index < count; index++) {
    const offset = reader.size64();
    const type = reader.u32();
    const symbol = reader.u32();
    relocations.push({ offset, type, symbol, addend: withAddend ? BigInt.asIntN(64, reader.u64()) : NO_ADDEND });
  }
  return relocations;
}

/**
 * Reads headers, sections, symbols and relocations.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when the bytes are no BPF relocatable object or end too early.
 */
export function readElf(file: Uint8Array): Elf {
  // Node's Buffer is a Uint8Array whose slice() does not copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  checkHeader(bytes);
  const sections = readSections(bytes);
  const isRelocation = ({ type }: ElfSection): boolean => type === ElfConstant.shtRel || type === ElfConstant.shtRela;
  return {
    sections,
    symbols: readSymbols(sections),
    relocationsOf: index => {
      const [first, ...more] = sections.filter(one => isRelocation(one) && one.info === index);
      return first ? readRelocations(first).concat(...more.map(readRelocations)) : [];
    }
  };
}
