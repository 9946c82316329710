/**
 * What the program's variables say about the pointers that it follows: the debug information tells where each variable
 * is at each instruction, the trace which origin that place holds. So an origin gets the types that variables give it.
 */
import type { Die, DwarfInfo } from '../dwarf/die.js';
import { locationsOf, rangesOf } from '../dwarf/address-list.js';
import { At, Tag } from '../dwarf/dwarf-constant.js';
import { sectionAddress } from '../dwarf/dwarf-sections.js';
import type { DwarfTypes } from '../dwarf/dwarf-types.js';
import { declarationOf, variablesIn, type DwarfVariable } from '../dwarf/function-variables.js';
import { readLocation, type VariableLocation } from '../dwarf/location-expression.js';
import { originKey, shifted, type FlowState, type FlowValue, type Origin } from './flow-value.js';
import { adjusted, stackBytesOf } from './stack-frame.js';
import type { TracedFunction } from './trace-object.js';

/** Places of variables that are looked at in one object. */
const MAX_LOOKS = 500_000;

/** A variable in scope: `type` is null for a pointer, `pointed` for everything else and for `void *`. */
export interface ScopeVariable {
  name: string;
  type: Die | null;
  pointed: Die | null;
}

/** Types by origin, filled function by function. */
export class PointerTypes {
  readonly #info: DwarfInfo;
  readonly #types: DwarfTypes;
  readonly #functions = new Map<number, Die>();
  /** By base of the origin, then by offset: entries of the types that were found there. */
  readonly #found = new Map<string, Map<number, Set<Die>>>();
  #looks = 0;

  constructor(info: DwarfInfo, types: DwarfTypes) {
    this.#info = info;
    this.#types = types;
    for (const die of info.withTag(Tag.subprogram)) {
      const low = die.unit.address(die, At.lowPc);
      if (low !== null && die.attributes.has(At.lowPc)) this.#functions.set(low, die);
    }
  }

  /** Notes what the variables of a function say. */
  add(traced: TracedFunction): void {
    const { code } = traced;
    const die = this.#functions.get(sectionAddress(code.section, code.start));
    if (!die) return;
    const stackBytes = stackBytesOf(traced);
    for (const variable of variablesIn(this.#info, die)) this.#look(variable, traced, stackBytes);
  }

  /** Entries of types of things at the origin, at exactly its offset. */
  at({ base, offset }: Origin): Die[] {
    return [...(this.#found.get(base)?.get(offset) ?? [])];
  }

  /** The same for all smaller offsets of the same base: things that the origin may be inside of. */
  around({ base, offset }: Origin): { die: Die; offset: number }[] {
    const all = this.#found.get(base) ?? new Map<number, Set<Die>>();
    return [...all].flatMap(([at, dies]) => (at < offset ? [...dies].map(die => ({ die, offset: at })) : []));
  }

  /**
   * Variables without any place in the code that can be seen at an instruction: optimized code often keeps a pointer of
   * which the debug information has lost track. Innermost scope last.
   */
  unplaced({ code }: TracedFunction, slot: number): ScopeVariable[] {
    const address = sectionAddress(code.section, code.start) + slot * 8;
    const die = this.#functions.get(sectionAddress(code.section, code.start));
    return die ? this.#unplacedIn(die, address) : [];
  }

  #unplacedIn(scope: Die, address: number): ScopeVariable[] {
    return scope.children.flatMap(die => {
      if (die.tag === Tag.lexicalBlock || die.tag === Tag.inlinedSubroutine) {
        const isInside = rangesOf(die).some(({ low, high }) => address >= low && address < high);
        return isInside ? this.#unplacedIn(die, address) : [];
      }
      if (die.tag !== Tag.variable && die.tag !== Tag.formalParameter) return [];
      if (die.attributes.has(At.location)) return [];
      const declared = declarationOf(this.#info, die);
      const type = this.#types.strippedDie(declared);
      const pointed = this.#types.pointedDie(declared);
      if (!type) return [];
      return [
        { name: declared.unit.text(declared, At.name), type: type.tag === Tag.pointerType ? null : type, pointed }
      ];
    });
  }

  #look({ die, declared }: DwarfVariable, traced: TracedFunction, stackBytes: number): void {
    const type = this.#types.strippedDie(declared);
    if (!type) return;
    const pointed = this.#types.pointedDie(declared);
    if (type.tag === Tag.pointerType && !pointed) return;
    const start = sectionAddress(traced.code.section, traced.code.start);
    for (const { low, high, expression } of locationsOf(die)) {
      const location = readLocation(expression);
      if (!location) continue;
      const first = Math.max(0, Math.ceil((low - start) / 8));
      const last = Math.min(traced.code.insns.length, (high - start) / 8);
      for (let slot = first; slot < last && this.#looks++ < MAX_LOOKS; slot++) {
        const state = traced.states[slot];
        if (state) this.#note(state, adjusted(location, stackBytes), { type, pointed });
      }
    }
  }

  #note(state: FlowState, location: VariableLocation, { type, pointed }: { type: Die; pointed: Die | null }): void {
    const value = shifted(state.registers[location.register] ?? null, location.offset);
    if (location.kind !== 'memory') {
      if (pointed) this.#put(value, pointed);
      return;
    }
    if (!pointed) this.#put(value, type);
    else for (const place of value ?? []) this.#put(state.stack.get(originKey(place)) ?? null, pointed);
  }

  #put(value: FlowValue, die: Die): void {
    for (const { base, offset } of value ?? []) {
      if (base === 'const') continue;
      const offsets = this.#found.get(base) ?? new Map<number, Set<Die>>();
      this.#found.set(base, offsets);
      const dies = offsets.get(offset) ?? new Set<Die>();
      offsets.set(offset, dies.add(die));
    }
  }
}
