/** Debug sections with their relocations applied, as a linker would do it. */
import type { Elf, ElfSection } from '../elf.js';
import { ElfConstant } from '../elf.js';
import { objectInvalid } from '../object-invalid.js';

const R_BPF_64_ABS64 = 2;
const R_BPF_64_ABS32 = 3;
/** Code of every section starts at 0, so that an address is told apart by the index of its section in the high half. */
const SECTION_SPACE = 2 ** 32;

/** Address, as the debug information has it after relocation, of a byte of a section. */
export function sectionAddress(section: number, offset: number): number {
  return section * SECTION_SPACE + offset;
}

/** Section and offset of an address of `sectionAddress`. */
export function placeOfAddress(address: number): { section: number; offset: number } {
  return { section: Math.floor(address / SECTION_SPACE), offset: address % SECTION_SPACE };
}

function isDebug(section: ElfSection | undefined): boolean {
  return section === undefined || section.name.startsWith('.debug');
}

/** A debug section's bytes, relocated; empty when the object has none or it is compressed. */
export function debugSection(elf: Elf, name: string): Uint8Array {
  const section = elf.sections.find(candidate => candidate.name === name);
  if (!section || section.flags & ElfConstant.shfCompressed) return new Uint8Array(0);
  const relocations = elf.relocations.get(section.index);
  if (!relocations) return section.data;
  const bytes = section.data.slice();
  const view = new DataView(bytes.buffer);
  for (const { offset, type, symbol: index, addend } of relocations) {
    const symbol = elf.symbols[index];
    const size = type === R_BPF_64_ABS64 ? 8 : type === R_BPF_64_ABS32 ? 4 : 0;
    if (!symbol || size === 0) continue;
    if (offset + size > bytes.length) throw objectInvalid(`a relocation of ${name} is behind its end`);
    const base = isDebug(elf.sections[symbol.section]) ? 0 : sectionAddress(symbol.section, 0);
    const value = BigInt(base + symbol.value) + addend;
    if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, view.getBigUint64(offset, true) + value), true);
    else view.setUint32(offset, Number(BigInt.asUintN(32, BigInt(view.getUint32(offset, true)) + value)), true);
  }
  return bytes;
}
