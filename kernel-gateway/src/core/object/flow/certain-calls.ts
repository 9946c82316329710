/**
 * What of the kernel a program calls whatever the load settles: the verifier takes branches over values that it knows (constants
 * of .rodata, the kernel's configuration, answers to CO-RE's questions) one way only, and looks at no call on the other way.
 */
import type { Insn } from '../insn.js';
import type { CodeImage, FunctionCode } from './code-image.js';
import type { FlowState, FlowValue, Origin } from './flow-value.js';
import { successors } from './successors.js';
import { traceFunction, type FunctionStates } from './trace-function.js';

const CALL = 0x85;
const PSEUDO_CALL = 1;
const LOAD_IMM64 = 0x18;
const SOURCE_REGISTER = 0x08;
const Class = { ldx: 1, st: 2, stx: 3, alu: 4, alu64: 7 } as const;
/** May go on or jump at the kernel's will; has no operands. */
const MAY_GOTO = 0xe5;
/** Section of a symbol that the kernel has to have. */
const UNDEFINED = 0;
const PARAMETERS = 5;
const MASK_BITS = 32;
/** Instructions of one program that are looked at; of longer ones no call is certain. */
const MAX_INSNS = 100_000;

/** A function of the program; its nodes are [first, first + insns). */
interface Part {
  code: FunctionCode;
  first: number;
  states: FunctionStates;
  /** Places of the stack where something settled is kept, from the frame pointer, rounded down to 8 bytes. */
  kept: Set<number>;
  /** Numbers of parameters (1 to 5) that some caller settles. */
  given: Set<number>;
}

/** Calls of a program that the verifier will look at: helpers by their numbers, functions of the kernel by name, sorted. */
export interface CertainCalls {
  helpers: number[];
  functions: string[];
}

/** Finds them; a program that cannot be followed has none. */
export function certainCalls(image: CodeImage, program: FunctionCode): CertainCalls {
  const codes = codesOf(image, program);
  const count = codes.reduce((sum, { insns }) => sum + insns.length, 0);
  if (count > MAX_INSNS) return { helpers: [], functions: [] };
  let first = 0;
  const parts = codes.map((code, context): Part => {
    const states = traceFunction({ image, code, context, parameters: [] });
    const part = { code, first, states, kept: new Set<number>(), given: new Set<number>() };
    first += code.insns.length;
    return part;
  });
  const calls = parts.flatMap(({ code }) => code.insns.map((_, slot) => callAt(image, code, slot)));
  const asked = [...new Set(calls)].filter(call => call !== null);
  const graph = graphOf(image, parts);
  const certain: Call[] = [];
  for (let from = 0; from < asked.length; from += MASK_BITS) {
    const some = asked.slice(from, from + MASK_BITS);
    const mask = certainAtEntry(graph, calls, some);
    certain.push(...some.filter((_, bit) => (mask & (1 << bit)) !== 0));
  }
  const helpers = certain.filter(call => typeof call === 'number').sort((a, b) => a - b);
  return { helpers, functions: certain.filter(call => typeof call === 'string').sort() };
}

/** Number of a helper, or name of a function of the kernel. */
type Call = number | string;

function callAt(image: CodeImage, code: FunctionCode, slot: number): Call | null {
  const insn = code.insns[slot];
  if (insn?.code !== CALL) return null;
  if (insn.src === 0) return insn.imm;
  const symbol = image.symbolAt(code, slot);
  return symbol?.section === UNDEFINED ? symbol.name : null;
}

/** The program and all functions that it calls or hands out. */
function codesOf(image: CodeImage, program: FunctionCode): FunctionCode[] {
  const codes = new Set([program]);
  // What is added while it is gone through is gone through as well.
  for (const code of codes) {
    code.insns.forEach((_, slot) => {
      const callee = calleeOf(image, code, slot);
      if (callee !== null) codes.add(callee);
    });
  }
  return [...codes];
}

/** The function that is called at a slot, or whose address is taken there. */
function calleeOf(image: CodeImage, code: FunctionCode, slot: number): FunctionCode | null {
  const insn = code.insns[slot];
  if (insn?.code === CALL && insn.src === PSEUDO_CALL) return image.calledFunction(code, slot);
  return insn?.code === LOAD_IMM64 ? image.functionWithAddress(code, slot) : null;
}

interface Node {
  next: number[];
  /** Goes one of its ways only, and the load says which. */
  isSettled: boolean;
}

function graphOf(image: CodeImage, parts: readonly Part[]): Node[] {
  const firstOf = new Map(parts.map(part => [part.code, part.first]));
  settle(image, parts);
  return parts.flatMap(part => {
    return part.code.insns.map((insn, slot): Node => {
      const own = successors(insn, slot).filter(next => next >= 0 && next < part.code.insns.length);
      const callee = calleeOf(image, part.code, slot);
      const entry = callee === null ? undefined : firstOf.get(callee);
      const next = own.map(one => one + part.first);
      return {
        next: entry === undefined ? next : [...next, entry],
        isSettled: own.length > 1 && isSettledAt(image, part, slot)
      };
    });
  });
}

/** Notes where functions keep and pass on what is settled: until nothing is new. */
function settle(image: CodeImage, parts: readonly Part[]): void {
  const count = (): number => parts.reduce((sum, { kept, given }) => sum + kept.size + given.size, 0);
  for (let known = -1; known !== count();) {
    known = count();
    for (const part of parts) {
      keepSettled(image, part);
      giveSettled(image, part, parts);
    }
  }
}

function keepSettled(image: CodeImage, part: Part): void {
  part.code.insns.forEach((insn, slot) => {
    const state = part.states[slot];
    const kind = insn.code & 7;
    if (state === undefined || (kind !== Class.st && kind !== Class.stx)) return;
    const isSettled = kind === Class.st || isSettledValue(image, part, state.registers[insn.src] ?? null);
    const place = isSettled ? stackPlace(state.registers[insn.dst] ?? null, insn.off) : null;
    if (place !== null) part.kept.add(place);
  });
}

function giveSettled(image: CodeImage, part: Part, parts: readonly Part[]): void {
  part.code.insns.forEach((insn, slot) => {
    const state = part.states[slot];
    if (insn.code !== CALL || state === undefined) return;
    const callee = calleeOf(image, part.code, slot);
    const given = parts.find(({ code }) => code === callee)?.given;
    for (let parameter = 1; given !== undefined && parameter <= PARAMETERS; parameter++) {
      if (isSettledValue(image, part, state.registers[parameter] ?? null)) given.add(parameter);
    }
  });
}

function stackPlace(address: FlowValue, offset: number): number | null {
  const place = address?.find(one => one.base.startsWith('stack:'));
  return place === undefined ? null : Math.floor((place.offset + offset) / 8) * 8;
}

/** Whether both sides of a comparison may be known before the program runs. */
function isSettledAt(image: CodeImage, part: Part, slot: number): boolean {
  const insn = part.code.insns[slot];
  const state = part.states[slot];
  if (insn === undefined || state === undefined || insn.code === MAY_GOTO) return false;
  return operands(insn, state).every(value => isSettledValue(image, part, value));
}

const operands = (insn: Insn, { registers }: FlowState): FlowValue[] => [
  registers[insn.dst] ?? null,
  ...(insn.code & SOURCE_REGISTER ? [registers[insn.src] ?? null] : [])
];

/** What is too much to follow is taken for settled: a call that is not certain is only not foreseen. */
function isSettledValue(image: CodeImage, part: Part, value: FlowValue, seen = new Set<string>()): boolean {
  return value === null || value.some(origin => isSettledOrigin(image, part, origin, seen));
}

function isSettledOrigin(image: CodeImage, part: Part, { base }: Origin, seen: Set<string>): boolean {
  const [kind = '', , slotText = ''] = base.split(':');
  if (kind === 'arg') return part.given.has(Number(slotText));
  // Constants may be answers of CO-RE, addresses may be those of weak symbols.
  if (kind !== 'def') return kind !== 'stack' && kind !== 'map';
  if (seen.has(base)) return false;
  seen.add(base);
  const slot = Number(slotText);
  const insn = part.code.insns[slot];
  const state = part.states[slot];
  if (insn === undefined || state === undefined) return true;
  switch (insn.code & 7) {
    case Class.ldx:
      return isSettledPlace(image, part, insn, state);
    case Class.alu:
    case Class.alu64:
      return operands(insn, state).every(value => isSettledValue(image, part, value, seen));
    default:
      return calleeOf(image, part.code, slot) !== null;
  }
}

/** Whether what is read there does not change once the program is loaded. */
function isSettledPlace(image: CodeImage, part: Part, insn: Insn, state: FlowState): boolean {
  const address = state.registers[insn.src] ?? null;
  const isKept = part.kept.has(stackPlace(address, insn.off) ?? NaN);
  return (
    isKept ||
    (address ?? []).some(({ base }) => {
      const [kind, section] = base.split(':');
      return kind === 'data' && !/^\.(data|bss)/.test(image.sectionName(Number(section)));
    })
  );
}

/** Bits of the asked calls that come after the program's first instruction, whichever way settled branches go. */
function certainAtEntry(graph: readonly Node[], calls: readonly (Call | null)[], asked: readonly Call[]): number {
  const own = calls.map(call => (call === null || !asked.includes(call) ? 0 : 1 << asked.indexOf(call)));
  const masks = Int32Array.from(own);
  for (let isNew = true; isNew;) {
    isNew = false;
    for (let at = graph.length - 1; at >= 0; at--) {
      const { next, isSettled } = graph[at] as Node;
      let mask = isSettled ? -1 : 0;
      for (const one of next) mask = isSettled ? mask & (masks[one] ?? 0) : mask | (masks[one] ?? 0);
      mask |= own[at] ?? 0;
      if (mask !== masks[at]) isNew = true;
      masks[at] = mask;
    }
  }
  return masks[0] ?? 0;
}
