/**
 * Takes the DWARF sections out of a BPF object, as `llvm-strip -g` does: what is loaded needs BTF, not DWARF. Sections
 * keep their order; symbols of removed sections go, and the symbol numbers in relocations follow. ELF64, little-endian
 * (System V ABI, chapter 4 and 5).
 */
import { LabError } from '../../protocol/index.js';

const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHT_NOBITS = 8;
const SHT_REL = 9;
const SHF_INFO_LINK = 0x40;
const SHN_LORESERVE = 0xff00;
const EHDR_BYTES = 64;
const SHDR_BYTES = 64;
const SYM_BYTES = 24;
const MAX_ALIGN = 65_536;

interface Section {
  header: Uint8Array;
  name: string;
  type: number;
  flags: number;
  link: number;
  info: number;
  align: number;
  bytes: Uint8Array;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const refuse = (cause: string): LabError =>
  new LabError('BPFLAB_OBJECT_INVALID', `The BPF object cannot be stripped: ${cause}.`);

function textAt(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return String.fromCharCode(...bytes.subarray(offset, end < 0 ? bytes.length : end));
}

function readSections(object: Uint8Array): { sections: Section[]; names: number } {
  const ehdr = view(object);
  if (object.length < EHDR_BYTES || ehdr.getUint32(0, false) !== 0x7f454c46 || object[4] !== 2 || object[5] !== 1)
    throw refuse('it is no little-endian ELF64 file');
  const offset = Number(ehdr.getBigUint64(40, true));
  const count = ehdr.getUint16(60, true);
  const names = ehdr.getUint16(62, true);
  if (offset + count * SHDR_BYTES > object.length || names >= count) throw refuse('its section headers are cut off');
  const sections = Array.from({ length: count }, (_, i): Section => {
    const header = object.slice(offset + i * SHDR_BYTES, offset + (i + 1) * SHDR_BYTES);
    const shdr = view(header);
    const type = shdr.getUint32(4, true);
    const start = Number(shdr.getBigUint64(24, true));
    const size = Number(shdr.getBigUint64(32, true));
    if (type !== SHT_NOBITS && start + size > object.length) throw refuse('a section is cut off');
    const align = Number(shdr.getBigUint64(48, true));
    if (align > MAX_ALIGN) throw refuse('a section has an alignment that is out of range');
    return {
      header,
      name: '',
      type,
      flags: Number(shdr.getBigUint64(8, true)),
      link: shdr.getUint32(40, true),
      info: shdr.getUint32(44, true),
      align,
      bytes: type === SHT_NOBITS ? new Uint8Array(0) : object.slice(start, start + size)
    };
  });
  const strings = sections[names]?.bytes ?? new Uint8Array(0);
  for (const section of sections) section.name = textAt(strings, view(section.header).getUint32(0, true));
  return { sections, names };
}

/** Rewrites the symbol table in place for the new section numbers; returns the new number of each old symbol (-1: gone). */
function rewriteSymbols(table: Section, sectionNumbers: readonly number[]): number[] {
  const count = Math.floor(table.bytes.length / SYM_BYTES);
  const symbolNumbers: number[] = [];
  const kept = new Uint8Array(count * SYM_BYTES);
  let next = 0;
  let locals = 0;
  for (let i = 0; i < count; i++) {
    const symbol = table.bytes.slice(i * SYM_BYTES, (i + 1) * SYM_BYTES);
    const data = view(symbol);
    const section = data.getUint16(6, true);
    const moved = section >= SHN_LORESERVE ? section : (sectionNumbers[section] ?? -1);
    if (moved < 0) {
      symbolNumbers.push(-1);
      continue;
    }
    data.setUint16(6, moved, true);
    kept.set(symbol, next * SYM_BYTES);
    symbolNumbers.push(next++);
    if ((symbol[4] ?? 0) >> 4 === 0) locals = next;
  }
  table.bytes = kept.subarray(0, next * SYM_BYTES);
  table.info = locals;
  return symbolNumbers;
}

function rewriteRelocations(section: Section, symbolNumbers: readonly number[]): void {
  const data = view(section.bytes);
  const entryBytes = section.type === SHT_RELA ? 24 : 16;
  for (let at = 0; at + entryBytes <= section.bytes.length; at += entryBytes) {
    const symbol = symbolNumbers[data.getUint32(at + 12, true)] ?? -1;
    if (symbol < 0) throw refuse(`a relocation of "${section.name}" needs a symbol of the debug information`);
    data.setUint32(at + 12, symbol, true);
  }
}

function write(object: Uint8Array, sections: readonly Section[], names: number): Uint8Array {
  const places: number[] = [];
  let at = EHDR_BYTES;
  for (const section of sections) {
    const align = Math.max(1, section.align);
    at = Math.ceil(at / align) * align;
    places.push(at);
    at += section.bytes.length;
  }
  const headers = Math.ceil(at / 8) * 8;
  const out = new Uint8Array(headers + sections.length * SHDR_BYTES);
  out.set(object.subarray(0, EHDR_BYTES));
  const ehdr = view(out);
  ehdr.setBigUint64(40, BigInt(headers), true);
  ehdr.setUint16(60, sections.length, true);
  ehdr.setUint16(62, names, true);
  for (const [i, section] of sections.entries()) {
    const shdr = view(section.header);
    if (i > 0) shdr.setBigUint64(24, BigInt(places[i] ?? 0), true);
    if (section.type !== SHT_NOBITS) shdr.setBigUint64(32, BigInt(section.bytes.length), true);
    shdr.setUint32(40, section.link, true);
    shdr.setUint32(44, section.info, true);
    out.set(section.bytes, places[i] ?? 0);
    out.set(section.header, headers + i * SHDR_BYTES);
  }
  return out;
}

/**
 * Removes what only a debugger reads, see the file's head.
 *
 * @param object - as clang wrote it; is not changed
 * @returns a new object without `.debug_*` sections and their relocations
 * @throws LabError BPFLAB_OBJECT_INVALID
 */
export function stripObject(object: Uint8Array): Uint8Array {
  const { sections, names } = readSections(object);
  const isRelocation = (section: Section): boolean => section.type === SHT_REL || section.type === SHT_RELA;
  const isDebug = (section: Section | undefined): boolean => /^\.(z)?debug_/.test(section?.name ?? '');
  const gone = sections.map(section => isDebug(section) || (isRelocation(section) && isDebug(sections[section.info])));
  let next = 0;
  const numbers = gone.map(isGone => (isGone ? -1 : next++));
  const symbolNumbers = new Map<number, number[]>();
  for (const [i, section] of sections.entries())
    if (section.type === SHT_SYMTAB) symbolNumbers.set(i, rewriteSymbols(section, numbers));
  const kept = sections.filter((_, i) => !gone[i]);
  for (const section of kept) {
    if (isRelocation(section)) rewriteRelocations(section, symbolNumbers.get(section.link) ?? []);
    if (isRelocation(section) || section.flags & SHF_INFO_LINK) section.info = numbers[section.info] ?? 0;
    if (section.link) section.link = Math.max(0, numbers[section.link] ?? 0);
  }
  return write(object, kept, numbers[names] ?? 0);
}
