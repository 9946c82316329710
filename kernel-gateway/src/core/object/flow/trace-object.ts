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
  readonly #reached = new Set<FunctionCode>();
  /** What a call of a subprogram returned, by the origin of the call's result. */
  readonly #returned = new Map<string, FlowValue>();

  constructor(image: CodeImage) {
    this.#image = image;
    const isSubprogram = (code: FunctionCode): boolean => image.sectionName(code.section) === '.text';
    for (const code of image.functions) if (!isSubprogram(code)) this.#trace(code, [], 0);
    // What nobody calls by name may be a callback, or a global function that is verified by itself.
    for (const code of image.functions) if (!this.#reached.has(code)) this.#trace(code, [], 0);
  }

  /** Origins that a value stands for, with those that subprograms returned. */
  resolve(origin: Origin, depth = 0): Origin[] {
    const returned = this.#returned.get(origin.base);
    if (!returned || depth > MAX_DEPTH) return [origin];
    const inner = returned.flatMap(one =>
      this.resolve({ base: one.base, offset: one.offset + origin.offset }, depth + 1)
    );
    return [origin, ...inner];
  }

  #trace(code: FunctionCode, parameters: TraceRequest['parameters'], depth: number): FlowValue {
    if (this.traced.length >= MAX_CONTEXTS || depth > MAX_DEPTH) return null;
    const context = this.traced.length;
    this.#reached.add(code);
    const states = traceFunction({ image: this.#image, code, context, parameters });
    this.traced.push({ context, code, states });
    let returned: Origin[] = [];
    states.forEach((state, slot) => {
      const opcode = code.insns[slot]?.opcode;
      if (!state) return;
      if (opcode === JMP_EXIT) returned = [...returned, ...(state.registers[0] ?? [])];
      if (opcode === JMP_CALL) this.#call({ code, context, slot, depth }, state.registers.slice(1, 6));
    });
    const distinct = new Map(returned.filter(one => one.base !== 'const').map(one => [originKey(one), one]));
    return [...distinct.values()].slice(0, MAX_DEPTH);
  }

  #call(place: { code: FunctionCode; context: number; slot: number; depth: number }, parameters: FlowValue[]): void {
    const { code, context, slot, depth } = place;
    const insn = code.insns[slot];
    if (!insn) return;
    const result = { base: `def:${context}:${slot}`, offset: 0 };
    if (insn.src === PSEUDO_CALL) {
      const callee = this.#image.calledFunction(code, slot);
      if (callee) this.#returned.set(result.base, this.#trace(callee, parameters, depth + 1));
      return;
    }
    if (insn.src !== 0) return;
    this.calls.push({ helper: insn.imm, context, slot, parameters, result });
    this.#callBack(insn.imm, parameters, depth);
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
