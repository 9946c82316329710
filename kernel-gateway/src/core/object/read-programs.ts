import { ElfConstant, type Elf } from './elf.js';
import { certainCalls } from './flow/certain-calls.js';
import { CodeImage } from './flow/code-image.js';
import { linesOf, type BtfExt } from './line-info.js';
import type { ProgramSpec } from './object-spec.js';
import { programKind } from './program-type.js';

/**
 * The programs that libbpf would load: global functions of executable sections other than .text, in order of section
 * and offset. Functions of .text are subprograms.
 */
export function readPrograms(elf: Elf, ext: BtfExt | null): ProgramSpec[] {
  const programs: ProgramSpec[] = [];
  const image = new CodeImage(elf);
  for (const section of elf.sections) {
    const isCode = section.type === ElfConstant.shtProgbits && (section.flags & ElfConstant.shfExecinstr) !== 0;
    if (!isCode || section.name === '.text') continue;
    const functions = elf.symbols
      .filter(symbol => symbol.section === section.index && symbol.type === ElfConstant.sttFunc)
      .filter(symbol => symbol.binding !== ElfConstant.stbLocal)
      .sort((left, right) => left.value - right.value);
    const records = ext?.lines.get(section.name) ?? [];
    for (const symbol of functions) {
      const code = image.functionAt(section.index, symbol.value);
      const { type, target, optional } = programKind(section.name);
      programs.push({
        name: symbol.name,
        section: section.name,
        type,
        attachTarget: target,
        optional,
        calls: code === null ? { helpers: [], functions: [] } : certainCalls(image, code),
        insnCount: Math.floor(symbol.size / 8),
        lines: linesOf(records, symbol.value, symbol.value + symbol.size)
      });
    }
  }
  return programs;
}
