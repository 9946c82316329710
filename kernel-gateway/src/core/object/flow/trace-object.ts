/** Follows all functions of an object, each call of a subprogram with its own arguments. */
import type { CodeImage, FunctionCode } from './code-image.js';
import { originKey, type FlowValue, type Origin } from './flow-value.js';
import { traceFunction, type FunctionStates, type TraceRequest } from './trace-function.js';

/** A call of a helper: `slot` in the function of the context; `result` is the origin of what it returns. */
export interface HelperCall {
  helper: number;
  context: number;
  slot: number;
  /** r1 … r5. */
  parameters: FlowValue[];
  result: Origin;
}

/** Context and slot of the instruction whose result an origin is; null when it is none. */
export function definedAt({ base }: Origin): { context: number; slot: number } | null {
  const [kind, context, slot] = base.split(':');
  return kind === 'def' ? { context: Number(context), slot: Number(slot) } : null;
}

/** One function with one set of arguments. */
export interface TracedFunction {
  context: number;
  code: FunctionCode;
  states: FunctionStates;
}

const JMP_CALL = 0x85;
const PSEUDO_CALL = 1;
const JMP_EXIT = 0x95;
/** The kernel allows 8 frames. */
const MAX_DEPTH = 8;
const MAX_CONTEXTS = 512;
const MAX_NAMES = 64;
/** Helpers that call a function back: number → argument with the function, argument with the context, parameter that gets it. */
const callbackHelpers = new Map([
  [164, { code: 1, value: 2, parameter: 3 }],
  [181, { code: 1, value: 2, parameter: 1 }],
  [180, { code: 2, value: 3, parameter: 2 }],
  [209, { code: 1, value: 2, parameter: 1 }]
]);

/** Calls and states of an object. */
export class ObjectTrace {
  readonly calls: HelperCall[] = [];
  readonly traced: TracedFunction[] = [];
  readonly #image: CodeImage;
  readonly #byResult = new Map<string, HelperCall>();
  readonly #reached = new Set<FunctionCode>();
  /** By base: other origins that are the same but for the offset. */
  readonly #same = new Map<string, Origin[]>();

  constructor(image: CodeImage) {
    this.#image = image;
    const isSubprogram = (code: FunctionCode): boolean => image.sectionName(code.section) === '.text';
    for (const code of image.functions) if (!isSubprogram(code)) this.#trace(code, [], 0);
    // What nobody calls by name may be a callback, or a global function that is verified by itself.
    for (const code of image.functions) if (!this.#reached.has(code)) this.#trace(code, [], 0);
  }

  /** The origin under all its names: what a subprogram returned is the result of the call, and the other way round. */
  namesOf(origin: Origin): Origin[] {
    const found = new Map<string, Origin>();
    const pending = [origin];
    for (let one = pending.pop(); one && found.size < MAX_NAMES; one = pending.pop()) {
      if (found.has(originKey(one))) continue;
      found.set(originKey(one), one);
      for (const other of this.#same.get(one.base) ?? []) {
        pending.push({ base: other.base, offset: one.offset + other.offset });
      }
    }
    return [...found.values()];
  }

  /** The helper call whose result the origin is. */
  callOf(origin: Origin): HelperCall | null {
    return this.#byResult.get(origin.base) ?? null;
  }

  #trace(code: FunctionCode, parameters: TraceRequest['parameters'], depth: number): FlowValue {
    if (this.traced.length >= MAX_CONTEXTS || depth > MAX_DEPTH) return null;
    const context = this.traced.length;
    this.#reached.add(code);
    const states = traceFunction({ image: this.#image, code, context, parameters });
    this.traced.push({ context, code, states });
    let returned: Origin[] = [];
    states.forEach((state, slot) => {
      const opcode = code.insns[slot]?.code;
      if (!state) return;
      if (opcode === JMP_EXIT) returned = [...returned, ...(state.registers[0] ?? [])];
      if (opcode === JMP_CALL) this.#call({ code, context, slot, depth }, state.registers.slice(1, 6));
    });
    const distinct = new Map(returned.filter(one => one.base !== 'const').map(one => [originKey(one), one]));
    return [...distinct.values()].slice(0, MAX_NAMES);
  }

  #call(place: { code: FunctionCode; context: number; slot: number; depth: number }, parameters: FlowValue[]): void {
    const { code, context, slot, depth } = place;
    const insn = code.insns[slot];
    if (!insn) return;
    const result = { base: `def:${context}:${slot}`, offset: 0 };
    if (insn.src === PSEUDO_CALL) {
      const callee = this.#image.calledFunction(code, slot);
      const returned = callee ? this.#trace(callee, parameters, depth + 1) : null;
      for (const origin of returned ?? []) this.#noteSame(result.base, origin);
      return;
    }
    if (insn.src !== 0) return;
    const call = { helper: insn.imm, context, slot, parameters, result };
    this.calls.push(call);
    this.#byResult.set(result.base, call);
    this.#callBack(insn.imm, parameters, depth);
  }

  #noteSame(base: string, origin: Origin): void {
    this.#same.set(base, [...(this.#same.get(base) ?? []), origin]);
    const back = { base, offset: -origin.offset };
    this.#same.set(origin.base, [...(this.#same.get(origin.base) ?? []), back]);
  }

  #callBack(helper: number, parameters: FlowValue[], depth: number): void {
    const callback = callbackHelpers.get(helper);
    const code = callback && parameters[callback.code]?.find(one => one.base.startsWith('code:'));
    if (!callback || !code) return;
    const callee = this.#image.functionAt(Number(code.base.slice('code:'.length)), code.offset);
    if (!callee) return;
    const passed = new Array<FlowValue | undefined>(callback.parameter).fill(undefined);
    passed.push(parameters[callback.value] ?? null);
    this.#trace(callee, passed, depth + 1);
  }
}
