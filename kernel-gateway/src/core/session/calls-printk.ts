import { readInsns } from '../object/insn.js';
import { ElfConstant, readElf } from '../object/elf.js';

/** BPF_JMP | BPF_CALL with src_reg 0: a helper, whose number is the immediate (include/uapi/linux/bpf.h). */
const CALL = 0x85;
const TRACE_PRINTK = 6;
const TRACE_VPRINTK = 177;

/** True when code of the object calls bpf_trace_printk or bpf_trace_vprintk: only then its lines are subscribed. */
export function callsPrintk(object: Uint8Array): boolean {
  return readElf(object).sections.some(section => {
    const isCode = section.type === ElfConstant.shtProgbits && (section.flags & ElfConstant.shfExecinstr) !== 0;
    return isCode && hasPrintkCall(section.data);
  });
}

function hasPrintkCall(code: Uint8Array): boolean {
  return readInsns(code).some(
    insn => insn.code === CALL && insn.src === 0 && (insn.imm === TRACE_PRINTK || insn.imm === TRACE_VPRINTK)
  );
}
