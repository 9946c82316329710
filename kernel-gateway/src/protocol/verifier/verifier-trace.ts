/** What stands behind the instructions of a loaded program: functions, C lines, variables. Instructions are numbered as the kernel does. */

/** From this instruction on, up to the next entry, the code belongs to that line; `text` as the compiler saw it. */
export interface TraceLine {
  insn: number;
  file: string;
  line: number;
  column: number;
  text: string;
}

/** Where a variable is at instructions [from, to): its value in a register (`R6`), or at a place of the stack (`fp-8`). */
export interface TraceVariable {
  name: string;
  /** C type. */
  type: string;
  from: number;
  to: number;
  place: string;
  /** Bytes on the stack; 0 for a register. */
  bytes: number;
}

/** One function of a loaded program, at instructions [start, start + count). */
export interface TraceFunction {
  name: string;
  start: number;
  count: number;
  lines: TraceLine[];
  variables: TraceVariable[];
}

/** A program as it was loaded, beside the cell that it comes from. */
export interface ProgramTrace {
  program: string;
  functions: TraceFunction[];
  /** Text of the cell, and the line that it begins at. */
  body: string;
  body_line: number;
}

/** The function that an instruction is in. */
export const functionAt = (trace: Pick<ProgramTrace, 'functions'>, insn: number): TraceFunction | null =>
  trace.functions.find(one => insn >= one.start && insn < one.start + one.count) ?? null;

/** The C line of an instruction. */
export function traceLineAt(trace: Pick<ProgramTrace, 'functions'>, insn: number): TraceLine | null {
  return functionAt(trace, insn)?.lines.findLast(line => line.insn <= insn) ?? null;
}

const stackPlace = /^fp(-?\d+)$/;

/** Whether a variable is (a part of) what the verifier keeps under a place: a slot of the stack has eight bytes. */
function isAt(variable: TraceVariable, place: string): boolean {
  if (variable.place === place) return true;
  const slot = stackPlace.exec(place);
  const first = stackPlace.exec(variable.place);
  if (!slot || !first) return false;
  const [low, start] = [Number(slot[1]), Number(first[1])];
  return start < low + 8 && start + variable.bytes > low;
}

/** Variables that are at a place at an instruction, the innermost last. */
export function variablesAt(trace: Pick<ProgramTrace, 'functions'>, insn: number, place: string): TraceVariable[] {
  const all = functionAt(trace, insn)?.variables ?? [];
  return all.filter(one => insn >= one.from && insn < one.to && isAt(one, place));
}
