/**
 * Follows values through one function, to a fixed point over its branches: where the pointers in a helper's arguments
 * come from. It knows moves, additions of constants, spills and loads of stack slots, addresses and calls; every other
 * result is an origin of its own.
 */
import type { Insn } from '../insn.js';
import type { CodeImage, FunctionCode } from './code-image.js';
import { constant, constantOf, joinedState, originKey, shifted, type FlowState, type FlowValue } from './flow-value.js';
import { successors } from './successors.js';

/** Opcode parts (linux/bpf.h, linux/bpf_common.h). */
const Class = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, alu64: 7 } as const;
const LD_IMM64 = 0x18;
const MODE_MEM = 0x60;
const SIZE_DW = 0x18;
const ALU_ADD = 0x00;
const ALU_SUB = 0x10;
const ALU_MOV = 0xb0;
const SOURCE_REGISTER = 0x08;
const JUMP_CALL = 0x80;
const FRAME_POINTER = 10;
const REGISTERS = 11;
/** Transfers of one function; more are an object that nobody wrote. */
const MAX_STEPS = 400_000;

/** A function that is being followed, called with these arguments; `context` is unique. */
export interface TraceRequest {
  image: CodeImage;
  code: FunctionCode;
  context: number;
  /** Values of r1 … r5; undefined: whatever the caller gives. */
  parameters: readonly (FlowValue | undefined)[];
}

/** The state before each slot that can be reached. */
export type FunctionStates = (FlowState | undefined)[];

/** A 32-bit move keeps no pointer. */
function moved(source: FlowValue, isWide: boolean): FlowValue {
  if (isWide) return source;
  const number = constantOf(source);
  return number === null ? null : constant(number >>> 0);
}

/** Sums of which one side is a known number. */
function added(target: FlowValue, source: FlowValue, operation: number): FlowValue {
  const by = constantOf(source);
  if (operation === ALU_SUB) return by === null ? null : shifted(target, -by);
  if (operation !== ALU_ADD) return null;
  if (by !== null) return shifted(target, by);
  const base = constantOf(target);
  return base === null ? null : shifted(source, base);
}

class Tracer {
  readonly states: FunctionStates = [];
  readonly #request: TraceRequest;
  readonly #insns: Insn[];

  constructor(request: TraceRequest) {
    this.#request = request;
    this.#insns = request.code.insns;
  }

  run(): FunctionStates {
    const { context, parameters } = this.#request;
    const registers = Array.from({ length: REGISTERS }, (_unused, index): FlowValue => {
      if (index === FRAME_POINTER) return [{ base: `stack:${context}`, offset: 0 }];
      if (index < 1 || index > 5) return null;
      const given = parameters[index - 1];
      return given === undefined ? [{ base: `arg:${context}:${index}`, offset: 0 }] : given;
    });
    const pending = [0];
    this.states[0] = { registers, stack: new Map() };
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const index = pending.pop();
      if (index === undefined) break;
      const state = this.states[index];
      if (!state) continue;
      const after = this.#transfer(state, index);
      for (const next of successors(this.#insns[index] as Insn, index))
        if (this.#arrive(next, after)) pending.push(next);
    }
    return this.states;
  }

  /** True when the state before `index` is new or has become wider. */
  #arrive(index: number, state: FlowState): boolean {
    if (index < 0 || index >= this.#insns.length) return false;
    const known = this.states[index];
    const both = known ? joinedState(known, state) : state;
    this.states[index] = both;
    return both !== known;
  }

  #transfer(state: FlowState, index: number): FlowState {
    const insn = this.#insns[index] as Insn;
    switch (insn.code & 7) {
      case Class.ld:
        return this.#set(state, insn.dst, this.#loaded(insn, index));
      case Class.ldx:
        return this.#set(state, insn.dst, this.#read(state, insn, index));
      case Class.st:
        return this.#store(state, insn, constant(insn.imm));
      case Class.stx:
        return this.#store(state, insn, state.registers[insn.src] ?? null);
      case Class.alu:
      case Class.alu64:
        return this.#set(state, insn.dst, this.#computed(state, insn, index));
      default:
        return (insn.code & 0xf0) === JUMP_CALL ? this.#called(state, index) : state;
    }
  }

  #own(index: number): FlowValue {
    return [{ base: `def:${this.#request.context}:${index}`, offset: 0 }];
  }

  #set(state: FlowState, register: number, value: FlowValue): FlowState {
    const registers = state.registers.slice();
    registers[register] = value;
    return { registers, stack: state.stack };
  }

  #loaded(insn: Insn, index: number): FlowValue {
    if (insn.code !== LD_IMM64) return this.#own(index);
    const { image, code } = this.#request;
    const symbol = image.symbolAt(code, index);
    const high = this.#insns[index + 1]?.imm ?? 0;
    if (!symbol) return constant(high * 0x100000000 + (insn.imm >>> 0));
    if (image.sectionName(symbol.section) === '.maps') return [{ base: `map:${symbol.name}`, offset: 0 }];
    const kind = image.isCode(symbol.section) ? 'code' : 'data';
    return [{ base: `${kind}:${symbol.section}`, offset: symbol.value + insn.imm }];
  }

  #read(state: FlowState, insn: Insn, index: number): FlowValue {
    const isWhole = (insn.code & 0xe0) === MODE_MEM && (insn.code & SIZE_DW) === SIZE_DW;
    const address = state.registers[insn.src];
    const place = isWhole && address?.length === 1 ? address[0] : undefined;
    if (!place?.base.startsWith('stack:')) return this.#own(index);
    return state.stack.get(originKey({ base: place.base, offset: place.offset + insn.off })) ?? this.#own(index);
  }

  #store(state: FlowState, insn: Insn, value: FlowValue): FlowState {
    const address = state.registers[insn.dst];
    const place = address?.length === 1 ? address[0] : undefined;
    if (!place?.base.startsWith('stack:')) return state;
    const isWhole = (insn.code & 0xe0) === MODE_MEM && (insn.code & SIZE_DW) === SIZE_DW;
    const stack = new Map(state.stack);
    const at = place.offset + insn.off;
    // A part of a slot that is written makes the whole slot another value.
    stack.delete(originKey({ base: place.base, offset: at - (((at % 8) + 8) % 8) }));
    if (isWhole && value) stack.set(originKey({ base: place.base, offset: at }), value);
    return { registers: state.registers, stack };
  }

  #computed(state: FlowState, insn: Insn, index: number): FlowValue {
    const source = insn.code & SOURCE_REGISTER ? (state.registers[insn.src] ?? null) : constant(insn.imm);
    const target = state.registers[insn.dst] ?? null;
    const operation = insn.code & 0xf0;
    const isWide = (insn.code & 7) === Class.alu64;
    // A move with an offset is a sign extension (cpu v4).
    const isMove = operation === ALU_MOV && insn.off === 0;
    const result = isMove ? moved(source, isWide) : isWide ? added(target, source, operation) : null;
    return result ?? this.#own(index);
  }

  #called(state: FlowState, index: number): FlowState {
    const registers = state.registers.map((value, register) => (register <= 5 ? null : value));
    registers[0] = this.#own(index);
    return { registers, stack: state.stack };
  }
}

/** Follows one function; never fails, whatever the instructions are. */
export function traceFunction(request: TraceRequest): FunctionStates {
  return new Tracer(request).run();
}
