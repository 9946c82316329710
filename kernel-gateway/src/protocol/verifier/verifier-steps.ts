/**
 * Steps of a verifier's log, level 1 or 2, Linux 5.x to 7.x: which instruction was looked at, on which path, in which
 * state. The verifier follows one path to its end and then goes back to the newest branch that it left open, which
 * `from 8 to 16: …` says; so each step has a parent, and the parents of the last one are the path that led to it.
 */
import { afterCall, applyState, parseState, type StateText, type VerifierState } from './verifier-state.js';

/** One look at one instruction. Indexes of lines count from 0; -1: there is none. */
export interface VerifierStep {
  /** Line of the log that has the instruction. */
  line: number;
  insn: number;
  /** The instruction in the kernel's syntax, without its state. */
  text: string;
  /** Line of the log with the C text that it belongs to. */
  source: number;
  /** The step before it on its path. */
  parent: number;
  /** First line of the log that belongs to this step: states that stand before the instruction. */
  from: number;
}

const INSN = /^(\d+): \([0-9a-f]{2}\) /;
const FROM = /^from (\d+) to (\d+)(?: \([a-z ]+\))?:/;
/** A state on a line of its own: before an instruction, of a caller or callee. */
const STATE_LINE = /^(?:\d+:)? ?(?:frame\d+:|R\d{1,2}(?:_[A-Za-z]+)?=|fp-?\d+(?:_[A-Za-z]+)?=)/;
/** A line behind which no path goes on. */
const BEGINS_ANEW = /^(?:Validating |… )/;
/** Where the state begins on the line of an instruction. */
const STATE_BEHIND = /\s;\s(?=frame\d+:|R\d|fp-?\d|refs=)|\s;\s*$|\s\d+: (?=frame\d+:|R\d{1,2}(?:_[A-Za-z]+)?=)/;
const MAY_BRANCH = /^(?:if |may_goto|call )/;
/** Replayed states are kept at every so many steps of a path. */
const KEEP_EVERY = 64;
const NOTHING: VerifierState = { frame: 0, frames: [new Map()] };

const textOf = (line: string, head: number): string => {
  const rest = line.slice(head);
  const at = rest.search(STATE_BEHIND);
  return (at < 0 ? rest : rest.slice(0, at)).trimEnd();
};

/** Reads steps and, when asked, the state before or behind each; makes no sense of anything else and never throws. */
export class VerifierSteps {
  readonly steps: readonly VerifierStep[];
  readonly #lines: readonly string[];
  readonly #kept = new Map<number, VerifierState>();

  /** Lines of a log, which are not copied. */
  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.steps = this.#read();
  }

  /** What the verifier knew before it looked at the instruction. */
  before(index: number): VerifierState {
    const step = this.steps[index];
    if (!step) return NOTHING;
    return this.#beforeLine(step, step.parent < 0 ? NOTHING : this.after(step.parent));
  }

  /** What it knew afterwards, as far as the line says. */
  after(index: number): VerifierState {
    const path: number[] = [];
    let at = index;
    let state: VerifierState | undefined;
    for (; at >= 0; at = this.steps[at]?.parent ?? -1) {
      state = this.#kept.get(at);
      if (state) break;
      path.push(at);
    }
    state ??= NOTHING;
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const one = path[depth] as number;
      state = this.#afterStep(one, state);
      if (one % KEEP_EVERY === 0 || depth === 0) this.#kept.set(one, state);
    }
    return state;
  }

  /** Steps from the first to this one. */
  pathTo(index: number): number[] {
    const path: number[] = [];
    for (let at = index; at >= 0; at = this.steps[at]?.parent ?? -1) path.push(at);
    return path.reverse();
  }

  #afterStep(index: number, parentState: VerifierState): VerifierState {
    const step = this.steps[index];
    if (!step) return parentState;
    let state = this.#beforeLine(step, parentState);
    if (step.text.startsWith('call ')) state = afterCall(state, step.text);
    const line = this.#lines[step.line] ?? '';
    const behind = STATE_BEHIND.exec(line);
    const text = behind ? parseState(line, behind.index + behind[0].length) : null;
    if (text) {
      const change = { isWhole: false, isCheck: step.text.startsWith('if ') };
      state = applyState(state, this.#inFrame(text, state, line), change);
    }
    return this.#behindLine(step.line, state);
  }

  /** What did not fit on an instruction's own line stands behind it, before the next one: `6: R0=…`. */
  #behindLine(line: number, state: VerifierState): VerifierState {
    let found = state;
    for (let at = line + 1; at < this.#lines.length; at++) {
      const text = this.#lines[at] ?? '';
      if (INSN.test(text) || FROM.test(text)) break;
      found = this.#withLine(text, found);
    }
    return found;
  }

  #withLine(line: string, state: VerifierState): VerifierState {
    const jump = FROM.exec(line);
    if (!jump && !STATE_LINE.test(line)) return state;
    const start = jump ? jump[0].length : (/^\d+:/.exec(line)?.[0].length ?? 0);
    const text = parseState(line, start);
    return text ? applyState(state, text, { isWhole: jump !== null, isCheck: false }) : state;
  }

  /** An instruction's own line names the frame only where it is not the first. */
  #inFrame(text: StateText, state: VerifierState, line: string): StateText {
    return line.includes('frame') || state.frame === 0 ? text : { ...text, frame: state.frame };
  }

  #beforeLine(step: VerifierStep, parentState: VerifierState): VerifierState {
    let state = parentState;
    for (let at = step.from; at < step.line; at++) state = this.#withLine(this.#lines[at] ?? '', state);
    return state;
  }

  #read(): VerifierStep[] {
    const steps: VerifierStep[] = [];
    /** Newest steps that may have left a branch open, by instruction. */
    const open = new Map<number, number[]>();
    let source = -1;
    let parent = -1;
    let from = 0;
    for (const [line, text] of this.#lines.entries()) {
      const first = text.charCodeAt(0);
      if (first === 59) {
        source = line;
      } else if (first === 102) {
        const jump = FROM.exec(text);
        if (jump && !text.includes(': safe')) parent = this.#leftOpen(open, Number(jump[1]), steps);
      } else if (first >= 48 && first <= 57) {
        const match = INSN.exec(text);
        if (!match) continue;
        const step = { line, insn: Number(match[1]), text: textOf(text, match[0].length), source, parent, from };
        parent = steps.push(step) - 1;
        from = line + 1;
        if (MAY_BRANCH.test(step.text)) {
          const known = open.get(step.insn);
          if (known) known.push(parent);
          else open.set(step.insn, [parent]);
        }
      } else if (BEGINS_ANEW.test(text)) {
        // Another function, from its own beginning; or lines that are folded.
        parent = -1;
      }
    }
    return steps;
  }

  /** The verifier keeps open branches on a stack: the newest step at that instruction is the one. */
  #leftOpen(open: Map<number, number[]>, insn: number, steps: readonly VerifierStep[]): number {
    const known = open.get(insn);
    const newest = known && known.length > 1 ? known.pop() : known?.[0];
    return newest ?? steps.findLastIndex(step => step.insn === insn);
  }
}
