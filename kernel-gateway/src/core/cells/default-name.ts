const SECTION_FUNCTION = /SEC\s*\(\s*"([^"\n]*)"\s*\)[^;{}=]*?\b([A-Za-z_]\w*)\s*\(([^;{}]*?)\)\s*\{/g;
const WRAPPER = /^(BPF_(?:PROG2?|KPROBE|KRETPROBE|UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT|STRUCT_OPS\w*))$/;
const NOT_PROGRAM = new Set(['license', 'version', '.maps', '.struct_ops', '.struct_ops.link']);

/** Names are parts of C identifiers and of file names. */
export const CELL_NAME = /^[A-Za-z_]\w{0,59}$/;

/**
 * The name of a cell that has none: that of its first function with a SEC, which a learner reads on the program card;
 * `cell` when there is none.
 */
export function defaultName(body: string): string {
  SECTION_FUNCTION.lastIndex = 0;
  for (const match of body.slice(0, 262_144).matchAll(SECTION_FUNCTION)) {
    const [, section = '', word = '', inner = ''] = match;
    if (NOT_PROGRAM.has(section)) continue;
    const name = WRAPPER.test(word) ? (inner.split(',')[0] ?? '').trim() : word;
    if (CELL_NAME.test(name)) return name;
  }
  return 'cell';
}
