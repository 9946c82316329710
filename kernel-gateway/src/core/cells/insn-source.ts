/** The text of an `%%insn` cell as something that a compiler takes, and its instructions as a program that loads them. */

/** Section that the instructions are in. */
export const INSN_SECTION = 'program';

/** How the instructions are written: macros of `struct bpf_insn`, or the kernel's assembler syntax. */
export type InsnForm = 'macros' | 'assembler';

/** Macros begin with BPF_ and a bracket; no line of assembler does. */
export function insnForm(body: string): InsnForm {
  return /\bBPF_[A-Z0-9_]+\s*\(/.test(body) || /struct\s+bpf_insn/.test(body) ? 'macros' : 'assembler';
}

/**
 * The macros, over the kernel's public constants (linux/bpf.h); their names and arguments are those that kernel developers
 * know from filter.h.
 */
const MACROS = `#include <linux/bpf.h>
#define BPFLAB_INSN(c, d, s, o, i) \\
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define BPF_RAW_INSN(c, d, s, o, i) BPFLAB_INSN(c, d, s, o, i)
#define BPF_ALU64_REG(op, d, s) BPFLAB_INSN(BPF_ALU64 | BPF_OP(op) | BPF_X, d, s, 0, 0)
#define BPF_ALU64_IMM(op, d, i) BPFLAB_INSN(BPF_ALU64 | BPF_OP(op) | BPF_K, d, 0, 0, i)
#define BPF_ALU32_REG(op, d, s) BPFLAB_INSN(BPF_ALU | BPF_OP(op) | BPF_X, d, s, 0, 0)
#define BPF_ALU32_IMM(op, d, i) BPFLAB_INSN(BPF_ALU | BPF_OP(op) | BPF_K, d, 0, 0, i)
#define BPF_MOV64_REG(d, s) BPF_ALU64_REG(BPF_MOV, d, s)
#define BPF_MOV64_IMM(d, i) BPF_ALU64_IMM(BPF_MOV, d, i)
#define BPF_MOV32_REG(d, s) BPF_ALU32_REG(BPF_MOV, d, s)
#define BPF_MOV32_IMM(d, i) BPF_ALU32_IMM(BPF_MOV, d, i)
#define BPF_ENDIAN(order, d, bits) BPFLAB_INSN(BPF_ALU | BPF_END | BPF_SRC(order), d, 0, 0, bits)
#define BPF_LD_IMM64(d, i) BPF_LD_IMM64_RAW(d, 0, i)
#define BPF_LD_IMM64_RAW(d, s, i) \\
	BPFLAB_INSN(BPF_LD | BPF_DW | BPF_IMM, d, s, 0, (__u32)(i)), BPFLAB_INSN(0, 0, 0, 0, ((__u64)(i)) >> 32)
#define BPF_LD_ABS(size, i) BPFLAB_INSN(BPF_LD | BPF_SIZE(size) | BPF_ABS, 0, 0, 0, i)
#define BPF_LD_IND(size, s, i) BPFLAB_INSN(BPF_LD | BPF_SIZE(size) | BPF_IND, 0, s, 0, i)
#define BPF_LDX_MEM(size, d, s, o) BPFLAB_INSN(BPF_LDX | BPF_SIZE(size) | BPF_MEM, d, s, o, 0)
#define BPF_STX_MEM(size, d, s, o) BPFLAB_INSN(BPF_STX | BPF_SIZE(size) | BPF_MEM, d, s, o, 0)
#define BPF_ST_MEM(size, d, o, i) BPFLAB_INSN(BPF_ST | BPF_SIZE(size) | BPF_MEM, d, 0, o, i)
#define BPF_ATOMIC_OP(size, op, d, s, o) BPFLAB_INSN(BPF_STX | BPF_SIZE(size) | BPF_ATOMIC, d, s, o, op)
#define BPF_STX_XADD(size, d, s, o) BPF_ATOMIC_OP(size, BPF_ADD, d, s, o)
#define BPF_JMP_REG(op, d, s, o) BPFLAB_INSN(BPF_JMP | BPF_OP(op) | BPF_X, d, s, o, 0)
#define BPF_JMP_IMM(op, d, i, o) BPFLAB_INSN(BPF_JMP | BPF_OP(op) | BPF_K, d, 0, o, i)
#define BPF_JMP32_REG(op, d, s, o) BPFLAB_INSN(BPF_JMP32 | BPF_OP(op) | BPF_X, d, s, o, 0)
#define BPF_JMP32_IMM(op, d, i, o) BPFLAB_INSN(BPF_JMP32 | BPF_OP(op) | BPF_K, d, 0, o, i)
#define BPF_JMP_A(o) BPFLAB_INSN(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define BPF_CALL_REL(t) BPFLAB_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, t)
#define BPF_EMIT_CALL(f) BPFLAB_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define BPF_EXIT_INSN() BPFLAB_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
`;

const ATTRIBUTE = `__attribute__((section("${INSN_SECTION}"), used))`;

/**
 * A C file with the instructions in `INSN_SECTION`; what stands before the text is in `header`, so that the compiler's lines
 * are the cell's. `lines` blank lines come first.
 */
export function macroSource(body: string, lines: number): { header: string; source: string } {
  const declared = /\b(?:static\s+)?(?:const\s+)?struct\s+bpf_insn\s+(\w+)\s*\[\s*\w*\s*\]\s*=/;
  const blank = '\n'.repeat(lines);
  if (declared.test(body)) {
    const marked = body.replace(declared, `struct bpf_insn $1[] ${ATTRIBUTE} =`);
    return { header: MACROS, source: `${blank}${marked}\n` };
  }
  const text = /[,\s]$/.test(body.trimEnd()) || body.trimEnd().endsWith(',') ? body : body.trimEnd();
  const head = blank === '' ? '' : `${blank.slice(1)}struct bpf_insn bpflab_program[] ${ATTRIBUTE} = {\n`;
  return { header: MACROS, source: `${head || `struct bpf_insn bpflab_program[] ${ATTRIBUTE} = {`}${text}\n};\n` };
}

const HELPER_CALL = /\bcall\s+(bpf_\w+)/g;

/**
 * A file for the assembler: statements end at a line's end or a semicolon, `//` and `#` begin a comment, and a helper may be
 * called by its name, which `helpers` gives the number of. Numbers before statements, as the verifier's log has them, are
 * taken off.
 */
export function assemblerSource(body: string, lines: number, helpers: ReadonlyMap<string, number>): string {
  const named = (text: string): string =>
    text.replaceAll(HELPER_CALL, (all, name: string) => (helpers.has(name) ? `call ${helpers.get(name) ?? ''}` : all));
  const text = body
    .split('\n')
    .map(line => named(line.replace(/\/\/.*$|#.*$/, '')))
    .map(line => line.replace(/^\s*\d+:\s*(\([0-9a-f]{2}\)\s*)?/, ''))
    .join('\n');
  return `.section ${INSN_SECTION},"ax",@progbits${'\n'.repeat(Math.max(1, lines))}${text}\n`;
}

/** Numbers of helpers from libbpf's `bpf_helper_defs.h`. */
export function helperNumbers(definitions: string): Map<string, number> {
  const found = definitions.matchAll(/\(\s*\*\s*(?:const\s+)?(bpf_\w+)\)\([^\n]*\)\s*=\s*\(void \*\)\s*(\d+);/g);
  return new Map([...found].map(match => [match[1] ?? '', Number(match[2])]));
}
