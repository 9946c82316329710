import type { Insn } from '../insn.js';

/** Opcode parts (linux/bpf.h, linux/bpf_common.h). */
const LOAD_IMM64 = 0x18;
const Class = { jmp: 5, jmp32: 6 } as const;
const JUMP_ALWAYS = 0x00;
const JUMP_CALL = 0x80;
const JUMP_EXIT = 0x90;

/** Slots that may come after the instruction at slot `index` in its function; the one that is not jumped to is first. */
export function successors(insn: Insn, index: number): number[] {
  const kind = insn.code & 7;
  if (insn.code === LOAD_IMM64) return [index + 2];
  if (kind !== Class.jmp && kind !== Class.jmp32) return [index + 1];
  const operation = insn.code & 0xf0;
  if (operation === JUMP_EXIT && kind === Class.jmp) return [];
  if (operation === JUMP_CALL) return [index + 1];
  // gotol has its distance in imm.
  if (operation === JUMP_ALWAYS) return [index + 1 + (kind === Class.jmp32 ? insn.imm : insn.off)];
  return [index + 1, index + 1 + insn.off];
}
