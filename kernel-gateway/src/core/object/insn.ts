import { viewOf } from './object-image.js';

export const INSN_BYTES = 8;

/** One instruction (linux/bpf.h, struct bpf_insn); `off` and `imm` are signed. ld_imm64 takes two slots. */
export interface Insn {
  code: number;
  dst: number;
  src: number;
  off: number;
  imm: number;
}

/** Instructions of a program, 8 bytes each, little-endian; a rest that is shorter is left out. */
export function readInsns(bytes: Uint8Array): Insn[] {
  const view = viewOf(bytes);
  const insns: Insn[] = [];
  for (let at = 0; at + INSN_BYTES <= bytes.length; at += INSN_BYTES) {
    const registers = view.getUint8(at + 1);
    insns.push({
      code: view.getUint8(at),
      dst: registers & 0xf,
      src: registers >> 4,
      off: view.getInt16(at + 2, true),
      imm: view.getInt32(at + 4, true)
    });
  }
  return insns;
}
