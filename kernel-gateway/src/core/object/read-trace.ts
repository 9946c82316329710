/**
 * What a loaded program's instructions are in C. libbpf puts a program together from its own code and a copy of each
 * function that it calls, in the order of the calls (libbpf.c, bpf_object__reloc_code); numbers follow that order.
 */
import type { ProgramTrace, TraceFunction, TraceVariable } from '../../protocol/index.js';
import { locationsOf } from './dwarf/address-list.js';
import { readDwarf, type Die, type DwarfInfo } from './dwarf/die.js';
import { At, Tag } from './dwarf/dwarf-constant.js';
import { sectionAddress } from './dwarf/dwarf-sections.js';
import { DwarfTypes } from './dwarf/dwarf-types.js';
import { variablesIn } from './dwarf/function-variables.js';
import { readLocation, type VariableLocation } from './dwarf/location-expression.js';
import { readBtf } from './btf.js';
import { readElf, type Elf } from './elf.js';
import { CodeImage, type FunctionCode } from './flow/code-image.js';
import { adjusted, stackBytesOf } from './flow/stack-frame.js';
import { ObjectTrace, type TracedFunction } from './flow/trace-object.js';
import { INSN_BYTES } from './insn.js';
import { linesOf, readBtfExt, type LineRecord } from './line-info.js';
import { sizeOf, typeName } from './type-layout.js';
import type { TypeTable } from './type-table.js';

const CALL = 0x85;
const LOAD_IMM64 = 0x18;
const PSEUDO_CALL = 1;
const FRAME_POINTER = 10;

/** A program's functions in the order of its loaded code. */
function layout(image: CodeImage, program: FunctionCode): { code: FunctionCode; start: number }[] {
  const placed = new Map<FunctionCode, number>();
  let end = 0;
  const place = (code: FunctionCode): void => {
    placed.set(code, end);
    end += code.insns.length;
    code.insns.forEach((insn, slot) => {
      const callee =
        insn.code === CALL && insn.src === PSEUDO_CALL
          ? image.calledFunction(code, slot)
          : insn.code === LOAD_IMM64
            ? image.functionWithAddress(code, slot)
            : null;
      if (callee && !placed.has(callee)) place(callee);
    });
  };
  place(program);
  return [...placed].map(([code, start]) => ({ code, start }));
}

/** Reads names of places: all that needs the debug information. */
class VariableReader {
  readonly #info: DwarfInfo;
  readonly #types: TypeTable;
  readonly #dwarf: DwarfTypes;
  readonly #functions = new Map<number, Die>();
  readonly #traced = new Map<FunctionCode, TracedFunction>();

  constructor(elf: Elf, image: CodeImage, types: TypeTable) {
    this.#info = readDwarf(elf);
    this.#types = types;
    this.#dwarf = new DwarfTypes(this.#info, types);
    for (const traced of new ObjectTrace(image).traced) {
      if (!this.#traced.has(traced.code)) this.#traced.set(traced.code, traced);
    }
    for (const die of this.#info.withTag(Tag.subprogram)) {
      const low = die.attributes.has(At.lowPc) ? die.unit.address(die, At.lowPc) : null;
      if (low !== null) this.#functions.set(low, die);
    }
  }

  of(code: FunctionCode, start: number): TraceVariable[] {
    const address = sectionAddress(code.section, code.start);
    const die = this.#functions.get(address);
    const traced = this.#traced.get(code);
    if (!die || !traced) return [];
    const stackBytes = stackBytesOf(traced);
    const found: TraceVariable[] = [];
    for (const { die: variable, declared } of variablesIn(this.#info, die)) {
      const name = declared.unit.text(declared, At.name);
      const type = this.#dwarf.typeOf(declared);
      const described = { name, type: typeName(this.#types, type) };
      for (const { low, high, expression } of locationsOf(variable)) {
        const location = readLocation(expression);
        const at = location && placeOf(adjusted(location, stackBytes), sizeOf(this.#types, type));
        // What the instrumentation declared is no variable of the cell.
        if (!at || name === '' || name.startsWith('bpflab_')) continue;
        const from = Math.max(0, Math.ceil((low - address) / INSN_BYTES));
        const to = Math.min(code.insns.length, Math.ceil((high - address) / INSN_BYTES));
        if (to > from) found.push({ ...described, from: start + from, to: start + to, ...at });
      }
    }
    return found;
  }
}

function placeOf(location: VariableLocation, bytes: number): { place: string; bytes: number } | null {
  const { kind, register, offset } = location;
  if (kind === 'memory') return register === FRAME_POINTER ? { place: `fp${offset}`, bytes } : null;
  return offset === 0 && register < FRAME_POINTER ? { place: `R${register}`, bytes: 0 } : null;
}

function linesFor(records: Map<string, LineRecord[]> | null, image: CodeImage, code: FunctionCode, start: number) {
  const known = records?.get(image.sectionName(code.section)) ?? [];
  return linesOf(known, code.start, code.start + code.insns.length * INSN_BYTES).map(line => ({
    ...line,
    insn: line.insn + start
  }));
}

/**
 * Functions of a program as libbpf loads it, with lines and variables as far as the object has BTF and DWARF; none when
 * it has no such program.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID for bytes that are no BPF object
 */
export function readProgramFunctions(bytes: Uint8Array, program: string): ProgramTrace['functions'] {
  const elf = readElf(bytes);
  const image = new CodeImage(elf);
  const code = image.functions.find(one => one.name === program && image.sectionName(one.section) !== '.text');
  if (!code) return [];
  const section = (name: string): Uint8Array | null => elf.sections.find(one => one.name === name)?.data ?? null;
  const [btfBytes, extBytes] = [section('.BTF'), section('.BTF.ext')];
  const btf = btfBytes ? readBtf(btfBytes) : null;
  const records = btf && extBytes ? readBtfExt(extBytes, btf).lines : null;
  const variables = new VariableReader(elf, image, { types: btf?.types ?? [{ kind: 'void' }] });
  return layout(image, code).map(({ code: one, start }): TraceFunction => ({
    name: one.name,
    start,
    count: one.insns.length,
    lines: linesFor(records, image, one, start),
    variables: variables.of(one, start)
  }));
}
