import { INSN_BYTES, type Insn } from '../object/insn.js';
import { viewOf } from '../object/object-image.js';

const HELPER_MAP_LOOKUP = 1;
const HELPER_CURRENT_CGROUP_ID = 80;

/** Instructions, and the byte offset of the one that needs the map's relocation (R_BPF_64_64). */
export interface FilterPrologue {
  bytes: Uint8Array;
  mapOffset: number;
}

/**
 * The instructions that are put before a program: they return `verdict` unless the current task's cgroup id is a key of
 * the filter's map, and leave the context in r1. 12 instructions; the first 8 bytes of the stack are used before the
 * program's own code begins, which knows nothing of them.
 */
export function filterPrologue(verdict: number): FilterPrologue {
  const insns: (Pick<Insn, 'code'> & Partial<Insn>)[] = [
    { code: 0xbf, dst: 6, src: 1 }, // r6 = r1
    { code: 0x85, imm: HELPER_CURRENT_CGROUP_ID },
    { code: 0x7b, dst: 10, src: 0, off: -8 }, // *(u64 *)(r10 - 8) = r0
    { code: 0xbf, dst: 2, src: 10 }, // r2 = r10
    { code: 0x07, dst: 2, imm: -8 }, // r2 += -8
    { code: 0x18, dst: 1 }, // r1 = map, 16 bytes
    { code: 0 },
    { code: 0x85, imm: HELPER_MAP_LOOKUP },
    { code: 0x55, dst: 0, off: 2 }, // if r0 != 0 goto +2
    { code: 0xb7, dst: 0, imm: verdict }, // r0 = verdict
    { code: 0x95 }, // exit
    { code: 0xbf, dst: 1, src: 6 } // r1 = r6
  ];
  const bytes = new Uint8Array(insns.length * INSN_BYTES);
  const view = viewOf(bytes);
  for (const [index, { code, dst = 0, src = 0, off = 0, imm = 0 }] of insns.entries()) {
    const at = index * INSN_BYTES;
    view.setUint8(at, code);
    view.setUint8(at + 1, dst | (src << 4));
    view.setInt16(at + 2, off, true);
    view.setInt32(at + 4, imm, true);
  }
  return { bytes, mapOffset: 5 * INSN_BYTES };
}
