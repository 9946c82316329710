import type { Said } from './said.js';

/** A register or slot of the stack before the instruction that was refused. */
export interface KnownValue {
  /** C name, empty when the debug information has none. */
  name: string;
  /** C type of the variable, empty without a name. */
  type: string;
  /** `R0` … `R10` or `fp-8`. */
  place: string;
  /** The verifier's own words. */
  value: string;
  means: Said;
  /** The refusal is about this one. */
  is_cause: boolean;
}

/** A step of the path that led to the refusal: a branch that was taken, or where a value came from. */
export interface PathStep {
  insn: number;
  /** 1-based, 0 when it is not known; `file` is empty for the cell itself. */
  line: number;
  file: string;
  /** C text of the line. */
  source: string;
  what: Said;
  /** How often the path went through here; what is told is the last time. */
  times: number;
}

/** Why the verifier refused a program, in words. */
export interface RefusalExplanation {
  /** Name of the row of the table of explanations; `other` where none fits. */
  kind: string;
  title: Said;
  why: Said;
  /** What to write instead. */
  write: Said;
  /** C lines that show it; empty when there is nothing to show. */
  example: string;
  /** The instruction that was refused, in the kernel's syntax; empty when the log shows none. */
  insn_text: string;
  knew: KnownValue[];
  path: PathStep[];
  /** Steps of the path that are folded away before those that are told. */
  path_folded: number;
}
