/** Instructions and functions of an object, with the relocations that say what a call or an address means. */
import { ElfConstant, type Elf, type ElfRelocation, type ElfSymbol } from '../elf.js';
import { INSN_BYTES, readInsns, type Insn } from '../insn.js';

/** A function: slots [0, count) of `insns` are its instructions; `start` is its byte offset in the section. */
export interface FunctionCode {
  name: string;
  section: number;
  start: number;
  insns: Insn[];
}

/** Instructions of one object that are looked at; the kernel loads programs of up to a million. */
const MAX_INSNS = 1_000_000;

/** Functions of executable sections, by name and place. */
export class CodeImage {
  readonly functions: FunctionCode[] = [];
  readonly #elf: Elf;
  readonly #byPlace = new Map<string, FunctionCode>();
  readonly #relocations = new Map<number, Map<number, ElfRelocation>>();

  constructor(elf: Elf) {
    this.#elf = elf;
    let left = MAX_INSNS;
    for (const symbol of elf.symbols) {
      const section = elf.sections[symbol.section];
      const isCode = section && section.type === ElfConstant.shtProgbits && section.flags & ElfConstant.shfExecinstr;
      const end = symbol.value + symbol.size;
      if (symbol.type !== ElfConstant.sttFunc || !isCode || end > section.data.length || symbol.size < INSN_BYTES)
        continue;
      left -= symbol.size / INSN_BYTES;
      if (left < 0) break;
      const code = {
        name: symbol.name,
        section: symbol.section,
        start: symbol.value,
        insns: readInsns(section.data.subarray(symbol.value, end))
      };
      this.functions.push(code);
      this.#byPlace.set(`${symbol.section}:${symbol.value}`, code);
    }
    for (const section of new Set(this.functions.map(code => code.section))) {
      const relocations = elf.relocationsOf(section);
      this.#relocations.set(section, new Map(relocations.map(relocation => [relocation.offset, relocation])));
    }
  }

  /** The symbol that slot `index` of a function is relocated against. */
  symbolAt(code: FunctionCode, index: number): ElfSymbol | null {
    const relocation = this.#relocations.get(code.section)?.get(code.start + index * INSN_BYTES);
    return relocation ? (this.#elf.symbols[relocation.symbol] ?? null) : null;
  }

  functionAt(section: number, offset: number): FunctionCode | null {
    return this.#byPlace.get(`${section}:${offset}`) ?? null;
  }

  /** The function that a BPF-to-BPF call (src_reg 1) at slot `index` calls. */
  calledFunction(code: FunctionCode, index: number): FunctionCode | null {
    const imm = code.insns[index]?.imm ?? 0;
    const symbol = this.symbolAt(code, index);
    if (!symbol) return this.functionAt(code.section, code.start + (index + 1 + imm) * INSN_BYTES);
    return this.functionAt(symbol.section, symbol.value + (imm + 1) * INSN_BYTES);
  }

  /** The function whose address the instruction at slot `index` loads, as for a callback. */
  functionWithAddress(code: FunctionCode, index: number): FunctionCode | null {
    const symbol = this.symbolAt(code, index);
    if (!symbol || !this.isCode(symbol.section)) return null;
    return this.functionAt(symbol.section, symbol.value + (code.insns[index]?.imm ?? 0));
  }

  /** True for a section that holds data or maps, not code. */
  isCode(section: number): boolean {
    return ((this.#elf.sections[section]?.flags ?? 0) & ElfConstant.shfExecinstr) !== 0;
  }

  sectionName(section: number): string {
    return this.#elf.sections[section]?.name ?? '';
  }
}
