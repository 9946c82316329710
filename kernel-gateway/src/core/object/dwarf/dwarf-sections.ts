/** Debug sections with their relocations applied, as a linker would do it. */
import { ElfConstant, type Elf, type ElfRelocation, type ElfSection } from '../elf.js';
import { objectInvalid } from '../object-invalid.js';

const R_BPF_64_ABS64 = 2;
const R_BPF_64_ABS32 = 3;
/** Code of every section starts at 0, so that an address is told apart by the index of its section in the high half. */
const SECTION_SPACE = 2 ** 32;

/** Address, as the debug information has it after relocation, of a byte of a section. */
export function sectionAddress(section: number, offset: number): number {
  return section * SECTION_SPACE + offset;
}

/** A debug section's bytes, relocated; empty when the object has none or it is compressed. */
export function debugSection(elf: Elf, name: string): Uint8Array {
  const section = elf.sections.find(candidate => candidate.name === name);
  if (!section || section.flags & ElfConstant.shfCompressed) return new Uint8Array(0);
  const relocations = elf.relocationsOf(section.index);
  if (relocations.length === 0) return section.data;
  return relocated(elf, section, relocations);
}

function relocated(elf: Elf, { name, data }: ElfSection, relocations: ElfRelocation[]): Uint8Array {
  const bytes = data.slice();
  const view = new DataView(bytes.buffer);
  const isDebug = elf.sections.map(one => one.name.startsWith('.debug'));
  for (const { offset, type, symbol: index, addend } of relocations) {
    const symbol = elf.symbols[index];
    const size = type === R_BPF_64_ABS64 ? 8 : type === R_BPF_64_ABS32 ? 4 : 0;
    if (!symbol || size === 0) continue;
    if (offset + size > bytes.length) throw objectInvalid(`a relocation of ${name} is behind its end`);
    const base = isDebug[symbol.section] === false ? sectionAddress(symbol.section, 0) : 0;
    // clang keeps one string table and one of everything else: nearly all of these add nothing.
    if (base + symbol.value !== 0 || addend !== 0n) add(view, { offset, size }, BigInt(base + symbol.value) + addend);
  }
  return bytes;
}

function add(view: DataView, { offset, size }: { offset: number; size: number }, value: bigint): void {
  if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, view.getBigUint64(offset, true) + value), true);
  else view.setUint32(offset, Number(BigInt.asUintN(32, BigInt(view.getUint32(offset, true)) + value)), true);
}
