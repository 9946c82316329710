import {
  traceLineAt,
  variablesAt,
  type ProgramTrace,
  type VerifierStep,
  type VerifierSteps
} from '../../protocol/index.js';

/** Follows copies so far; longer chains say nothing that helps. */
const MAX_COPIES = 8;

/** Place that an instruction writes: `R3`, `fp-8`; null when it writes neither. */
function writtenPlace(text: string): string | null {
  const register = /^[rw](\d+) (?:[-+*/%&|^]|<<|>>|s>>|s\/|s%)?= /.exec(text)?.[1];
  if (register !== undefined) return `R${register}`;
  if (text.startsWith('call ')) return 'R0';
  const slot = /^\*\([us]\d+ \*\)\(r10 ([+-]\d+)\) = /.exec(text)?.[1];
  return slot === undefined ? null : `fp${Math.floor(Number(slot) / 8) * 8}`;
}

/** The function that an instruction calls, without its number; empty when it is no call of one by name. */
export const calledName = (text: string): string => /^call (\w+)(?:#-?\d+)?$/.exec(text)?.[1] ?? '';

/** The path to one step: C names of places, where values came from, C lines. */
export class PathReader {
  readonly path: readonly number[];
  readonly #log: VerifierSteps;
  readonly #trace: Pick<ProgramTrace, 'functions'>;

  constructor(log: VerifierSteps, trace: Pick<ProgramTrace, 'functions'>, last: number) {
    this.#log = log;
    this.#trace = trace;
    this.path = log.pathTo(last);
  }

  get length(): number {
    return this.path.length;
  }

  /** Step at a position of the path, which counts from 0. */
  step(position: number): VerifierStep | null {
    return this.#log.steps[this.path[position] ?? -1] ?? null;
  }

  /** Value of a place before the instruction at a position; null when it had none. */
  before(position: number, place: string): string | null {
    const state = this.#log.before(this.path[position] ?? -1);
    return state.frames[state.frame]?.get(place) ?? null;
  }

  after(position: number, place: string): string | null {
    const state = this.#log.after(this.path[position] ?? -1);
    return state.frames[state.frame]?.get(place) ?? null;
  }

  /** Position of the newest instruction before `position` that wrote the place; -1 when there is none. */
  definition(position: number, place: string): number {
    for (let at = position - 1; at >= 0; at--) {
      if (writtenPlace(this.step(at)?.text ?? '') === place) return at;
    }
    return -1;
  }

  /** C name of what is in a place before the instruction at a position; empty when nothing says so. */
  nameAt(position: number, place: string): string {
    let at = position;
    let where = place;
    for (let copies = 0; copies < MAX_COPIES; copies++) {
      const name = this.#declaredName(at, where);
      if (name !== '') return name;
      const definition = this.definition(at, where);
      const text = this.step(definition)?.text ?? '';
      const copied = /^[rw]\d+ = [rw](\d+)$/.exec(text)?.[1];
      const loaded = /^r\d+ = \*\(u64 \*\)\(r10 (-\d+)\)$/.exec(text)?.[1];
      if (copied === undefined && loaded === undefined) return this.#nameBehind(definition, where, position);
      at = definition;
      where = copied === undefined ? `fp${loaded}` : `R${copied}`;
    }
    return '';
  }

  /** Position of the first instruction that made the value, behind copies; -1 when the path does not show it. */
  origin(position: number, place: string): number {
    let at = position;
    let where = place;
    for (let copies = 0; copies < MAX_COPIES; copies++) {
      const definition = this.definition(at, where);
      const copied = /^[rw]\d+ = [rw](\d+)$/.exec(this.step(definition)?.text ?? '')?.[1];
      if (copied === undefined) return definition;
      at = definition;
      where = `R${copied}`;
    }
    return at;
  }

  lineOf(position: number): ReturnType<typeof traceLineAt> {
    const step = this.step(position);
    return step && traceLineAt(this.#trace, step.insn);
  }

  #declaredName(position: number, place: string): string {
    const step = this.step(position);
    return (step && variablesAt(this.#trace, step.insn, place).at(-1)?.name) ?? '';
  }

  /** The debug information places a variable some instructions behind the one that makes its value. */
  #nameBehind(definition: number, place: string, before: number): string {
    if (definition < 0) return '';
    for (let at = definition + 1; at < before && at <= definition + 2; at++) {
      const name = this.#declaredName(at, place);
      if (name !== '') return name;
    }
    return '';
  }
}
