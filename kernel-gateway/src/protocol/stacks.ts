/** Counted stacks of a map, by name, version 1: what a flame graph and its table are drawn from. */

/** A place in code, or the process at the foot of a stack. Equal frames are one. */
export interface StackFrame {
  /** Function; where it has no name its file in brackets, or `[unknown]`. */
  name: string;
  kind: 'kernel' | 'user' | 'process';
  /** Kernel module, program or library; empty for the kernel itself. */
  origin: string;
  is_known: boolean;
}

/** A stack and what was counted for it. */
export interface StackSample {
  /** Indexes into `frames`, the outermost caller first. */
  frames: number[];
  /** Decimal. */
  count: string;
}

/** The stacks with the largest counts. Decimal counts. */
export interface StackProfile {
  /** What is counted: `samples`, `nsecs`, `bytes` … */
  unit: string;
  frames: StackFrame[];
  stacks: StackSample[];
  /** Of all stacks, also of those that are left out. */
  total: string;
  omitted: { stacks: number; count: string };
  /** What could not be read or named, one sentence each. */
  problems: string[];
}
