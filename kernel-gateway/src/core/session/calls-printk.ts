import { ElfConstant, readElf } from '../object/elf.js';

const INSN_BYTES = 8;
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
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  for (let at = 0; at + INSN_BYTES <= code.length; at += INSN_BYTES) {
    if (code[at] === CALL && (code[at + 1] ?? 0) >> 4 === 0) {
      const helper = view.getInt32(at + 4, true);
      if (helper === TRACE_PRINTK || helper === TRACE_VPRINTK) {
        return true;
      }
    }
  }
  return false;
}
