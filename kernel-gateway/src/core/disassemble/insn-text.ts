/**
 * BPF instructions as text, in the kernel's own assembler syntax: what the verifier's log and `bpftool prog dump xlated` print
 * (linux/kernel/bpf/disasm.c, 6.12; opcodes in linux/bpf.h and linux/bpf_common.h).
 */
import type { Insn } from '../object/insn.js';

/** Names for what instructions point at; empty: none is known. */
export interface InsnNames {
  /** Helper or kernel function of a call, by the instruction's `imm`. */
  helper(imm: number): string;
  /** BPF function that a call leads to. */
  subprogram(insn: Insn): string;
}

const alu = ['+=', '-=', '*=', '/=', '|=', '&=', '<<=', '>>=', 'neg', '%=', '^=', '=', 's>>=', 'endian'];
const jumps = ['jmp', '==', '>', '>=', '&', '!=', 's>', 's>=', 'call', 'exit', '<', '<=', 's<', 's<='];
const sizes: Record<number, string> = { 0x00: 'u32', 0x08: 'u16', 0x10: 'u8', 0x18: 'u64' };
const signedSizes: Record<number, string> = { 0x00: 's32', 0x08: 's16', 0x10: 's8', 0x18: 's64' };
const moveSizes: Record<number, string> = { 8: '(s8)', 16: '(s16)', 32: '(s32)' };
const fetches: Record<number, string> = { 0x00: 'add', 0x40: 'or', 0x50: 'and', 0xa0: 'xor' };

const Class = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, jmp32: 6, alu64: 7 } as const;
const Mode = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, memSigned: 0x80, atomic: 0xc0 } as const;
const X = 0x08;
const DW = 0x18;
const FETCH = 0x01;
const LOAD_ACQUIRE = 0x100;
const STORE_RELEASE = 0x110;
const XCHG = 0xe1;
const CMPXCHG = 0xf1;

const signed = (value: number): string => (value < 0 ? String(value) : `+${value}`);
const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
const sizeName = (code: number): string => sizes[code & 0x18] ?? '';
const place = (insn: Insn): string => `*(${sizeName(insn.code)} *)(r${insn.dst} ${signed(insn.off)})`;

/** Moves of 64 bits whose offset says that they are something else; null when it is a plain one. */
function specialMove({ code, dst, src, off, imm }: Insn): string | null {
  if ((code & 7) !== Class.alu64 || !(code & X)) return null;
  if (off === 1) return `r${dst} = addr_space_cast(r${src}, ${imm >>> 16}, ${imm & 0xffff})`;
  return off === -1 ? `r${dst} = &(void __percpu *)(r${src})` : null;
}

function swapText({ code, dst, imm }: Insn): string {
  const order = code & X ? 'be' : 'le';
  return `r${dst} = ${(code & 7) === Class.alu64 ? 'bswap' : order}${imm} r${dst}`;
}

/** Division and remainder of signed numbers have an offset of 1. */
function operationSign(operation: number, off: number): string {
  const isSigned = (operation === 0x30 || operation === 0x90) && off === 1;
  return `${isSigned ? 's' : ''}${alu[operation >> 4] ?? `BUG_alu_${operation.toString(16)}`}`;
}

function aluText(insn: Insn): string {
  const { code, dst, src, off, imm } = insn;
  const operation = code & 0xf0;
  const letter = (code & 7) === Class.alu ? 'w' : 'r';
  if (operation === 0xd0) return swapText(insn);
  if (operation === 0x80) return `${letter}${dst} = -${letter}${dst}`;
  const isMove = operation === 0xb0;
  const special = isMove ? specialMove(insn) : null;
  if (special !== null) return special;
  const sign = operationSign(operation, off);
  const right = code & X ? `${isMove ? (moveSizes[off] ?? '') : ''}${letter}${src}` : String(imm);
  return `${letter}${dst} ${sign} ${right}`;
}

function atomicText(insn: Insn): string {
  const { code, src, dst, off, imm } = insn;
  const width = (code & 0x18) === DW ? '64' : '';
  const at = `(${sizeName(code)} *)(r${dst} ${signed(off)})`;
  if (imm === CMPXCHG) return `r0 = atomic${width}_cmpxchg(${at}, r0, r${src})`;
  if (imm === XCHG) return `r${src} = atomic${width}_xchg(${at}, r${src})`;
  if (imm === LOAD_ACQUIRE) return `r${dst} = load_acquire((${sizeName(code)} *)(r${src} ${signed(off)}))`;
  if (imm === STORE_RELEASE) return `store_release(${at}, r${src})`;
  const fetch = fetches[imm & ~FETCH];
  if (fetch === undefined) return bug(insn);
  if (imm & FETCH) return `r${src} = atomic${width}_fetch_${fetch}(${at}, r${src})`;
  return `lock ${place(insn)} ${alu[imm >> 4] ?? ''} r${src}`;
}

const bug = (insn: Insn): string => `BUG_${insn.code.toString(16).padStart(2, '0')}`;

function loadText(insn: Insn): string {
  const { code, dst, src, off, imm } = insn;
  const mode = code & 0xe0;
  if ((code & 7) === Class.ldx) {
    const names = mode === Mode.mem ? sizes : mode === Mode.memSigned ? signedSizes : null;
    return names === null ? bug(insn) : `r${dst} = *(${names[code & 0x18] ?? ''} *)(r${src} ${signed(off)})`;
  }
  if (mode === Mode.abs) return `r0 = *(${sizeName(code)} *)skb[${imm}]`;
  if (mode === Mode.ind) return `r0 = *(${sizeName(code)} *)skb[r${src} + ${imm}]`;
  return bug(insn);
}

function storeText(insn: Insn): string {
  const mode = insn.code & 0xe0;
  if ((insn.code & 7) === Class.stx) {
    if (mode === Mode.mem) return `${place(insn)} = r${insn.src}`;
    return mode === Mode.atomic ? atomicText(insn) : bug(insn);
  }
  if (mode === Mode.mem) return `${place(insn)} = ${insn.imm}`;
  return mode === Mode.atomic ? 'nospec' : bug(insn);
}

const PSEUDO_CALL = 1;

function callText(insn: Insn, names: InsnNames): string {
  if (insn.src === PSEUDO_CALL) {
    const name = names.subprogram(insn);
    return `call pc${signed(insn.off)}${name === '' ? '' : `#${name}`}`;
  }
  return `call ${names.helper(insn.imm) || 'unknown'}#${insn.imm}`;
}

/** Jumps without a condition. */
function gotoText({ code, dst, off, imm }: Insn): string {
  if ((code & 7) === Class.jmp32) return `gotol pc${signed(imm)}`;
  return code & X ? `gotox r${dst}` : `goto pc${signed(off)}`;
}

function jumpText(insn: Insn, names: InsnNames): string {
  const { code, dst, src, off, imm } = insn;
  const is32 = (code & 7) === Class.jmp32;
  const operation = code & 0xf0;
  if (operation === 0x00) return gotoText(insn);
  if (!is32 && operation === 0x80) return callText(insn, names);
  if (!is32 && operation === 0x90) return 'exit';
  if (!is32 && operation === 0xe0) return `may_goto pc${signed(off)}`;
  const letter = is32 ? 'w' : 'r';
  const right = code & X ? `${letter}${src}` : hex(imm);
  return `if ${letter}${dst} ${jumps[operation >> 4] ?? ''} ${right} goto pc${signed(off)}`;
}

/** Loads of 64 bits take two instructions; what they load is told by the source register (BPF_PSEUDO_*). */
function wideText(insn: Insn, next: Insn): string {
  const target = `r${insn.dst} = `;
  switch (insn.src) {
    case 1:
      return `${target}map[id:${insn.imm}]`;
    case 2:
      return `${target}map[id:${insn.imm}][0]${signed(next.imm)}`;
    case 4:
      return `${target}subprog[${signed(insn.imm)}]`;
    case 5:
      return `${target}map[idx:${insn.imm}]`;
    case 6:
      return `${target}map[idx:${insn.imm}]${signed(next.imm)}`;
    default: {
      const value = (BigInt(next.imm >>> 0) << 32n) | BigInt(insn.imm >>> 0);
      return `${target}0x${value.toString(16)}`;
    }
  }
}

/** Whether the instruction takes the next one too. */
export function isWide(insn: Insn): boolean {
  return insn.code === 0x18;
}

/** Text of one instruction without its number: `(07) r2 += -8`. `next` is the second half of a wide one. */
export function insnText(insn: Insn, next: Insn | undefined, names: InsnNames): string {
  return `(${insn.code.toString(16).padStart(2, '0')}) ${bodyText(insn, next, names)}`;
}

function bodyText(insn: Insn, next: Insn | undefined, names: InsnNames): string {
  if (isWide(insn)) return next === undefined ? bug(insn) : wideText(insn, next);
  switch (insn.code & 7) {
    case Class.alu:
    case Class.alu64:
      return aluText(insn);
    case Class.jmp:
    case Class.jmp32:
      return jumpText(insn, names);
    case Class.ld:
    case Class.ldx:
      return loadText(insn);
    default:
      return storeText(insn);
  }
}
