/**
 * Takes the DWARF sections out of a BPF object, as `llvm-strip -g` does: what is loaded needs BTF, not DWARF. Sections
 * keep their order; symbols of removed sections go, and the symbol numbers in relocations follow. ELF64, little-endian
 * (System V ABI, chapter 4 and 5).
 */
import { type ImageSection, readObjectImage, viewOf, writeObjectImage } from '../object/object-image.js';
import { objectInvalid } from '../object/object-invalid.js';

const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHT_REL = 9;
const SHF_INFO_LINK = 0x40;
const SHN_LORESERVE = 0xff00;
const SYM_BYTES = 24;

/** Rewrites the symbol table in place for the new section numbers; returns the new number of each old symbol (-1: gone). */
function rewriteSymbols(table: ImageSection, sectionNumbers: readonly number[]): number[] {
  const count = Math.floor(table.bytes.length / SYM_BYTES);
  const symbolNumbers: number[] = [];
  const kept = new Uint8Array(count * SYM_BYTES);
  let next = 0;
  let locals = 0;
  for (let i = 0; i < count; i++) {
    const symbol = table.bytes.slice(i * SYM_BYTES, (i + 1) * SYM_BYTES);
    const data = viewOf(symbol);
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

function rewriteRelocations(section: ImageSection, symbolNumbers: readonly number[]): void {
  const data = viewOf(section.bytes);
  const entryBytes = section.type === SHT_RELA ? 24 : 16;
  for (let at = 0; at + entryBytes <= section.bytes.length; at += entryBytes) {
    const symbol = symbolNumbers[data.getUint32(at + 12, true)] ?? -1;
    if (symbol < 0) throw objectInvalid(`a relocation of "${section.name}" needs a symbol of the debug information`);
    data.setUint32(at + 12, symbol, true);
  }
}

/**
 * Removes what only a debugger reads, see the file's head.
 *
 * @param object - as clang wrote it; is not changed
 * @returns a new object without `.debug_*` sections and their relocations
 * @throws LabError BPFLAB_OBJECT_INVALID
 */
export function stripObject(object: Uint8Array): Uint8Array {
  const { head, sections, names } = readObjectImage(object);
  const isRelocation = (section: ImageSection): boolean => section.type === SHT_REL || section.type === SHT_RELA;
  const isDebug = (section: ImageSection | undefined): boolean => /^\.(z)?debug_/.test(section?.name ?? '');
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
  return writeObjectImage({ head, sections: kept, names: numbers[names] ?? 0 });
}
