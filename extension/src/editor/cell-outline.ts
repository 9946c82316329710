/** An entry of a cell's outline; `line` counts from 1. */
export interface IOutlineEntry {
  kind: 'program' | 'map' | 'function';
  name: string;
  /** SEC name of a program, type of a map; else empty. */
  detail: string;
  line: number;
}

const SECTION = /SEC\s*\(\s*"([^"\n]*)"\s*\)/g;
const MACRO = /^(?:BPF_\w+)$/;

/** Comments and the contents of strings as blanks, line ends kept; strings of SEC stay. */
function withoutComments(text: string): string {
  const blank = (part: string): string => part.replaceAll(/[^\n]/g, ' ');
  return text.replaceAll(
    /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/g,
    (part, at: number) =>
      part.startsWith('/') || !/SEC\s*\(\s*$/.test(text.slice(Math.max(0, at - 20), at)) ? blank(part) : part
  );
}

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** The function that begins at an offset: its name (of BPF_PROG and its like the first argument). */
function functionName(text: string): string | null {
  const head = /^[\s\w*]*?\b(\w+)\s*\(\s*(\w*)/.exec(text.slice(0, 500));
  if (!head) {
    return null;
  }
  const [, word = '', first = ''] = head;
  return MACRO.test(word) ? first : word;
}

function programs(code: string): IOutlineEntry[] {
  return [...code.matchAll(SECTION)].flatMap((match): IOutlineEntry[] => {
    const [whole, section = ''] = match;
    const before = code.slice(Math.max(0, match.index - 2000), match.index);
    if (section === '.maps') {
      const name = /(\w+)\s*$/.exec(before)?.[1];
      const type = /BPF_MAP_TYPE_(\w+)[^;]*;(?![\s\S]*BPF_MAP_TYPE_)/.exec(before)?.[1] ?? '';
      return name === undefined
        ? []
        : [{ kind: 'map', name, detail: type.toLowerCase(), line: lineOf(code, match.index) }];
    }
    const after = code.slice(match.index + whole.length);
    const name = /^\s*[;=]/.test(after) ? null : functionName(after);
    return name === null ? [] : [{ kind: 'program', name, detail: section, line: lineOf(code, match.index) }];
  });
}

/** Functions without a SEC whose head stands at the start of a line. */
function functions(code: string): IOutlineEntry[] {
  const heads = code.matchAll(
    /^(?:static\s+|__always_inline\s+|__noinline\s+|inline\s+)*[A-Za-z_][\w \t*]*?\b(\w+)\s*\([^;{}]*\)\s*\{/gm
  );
  return [...heads].flatMap((match): IOutlineEntry[] => {
    const [head, name = ''] = match;
    const isProgram = /SEC\s*\([^)]*\)\s*$/.test(code.slice(0, match.index)) || /^\s*SEC|\bBPF_\w+\s*\(/.test(head);
    const isWord = /^(if|for|while|switch|return|else)$/.test(name) || /^\s*(else|return)\b/.test(head);
    return isProgram || isWord ? [] : [{ kind: 'function', name, detail: '', line: lineOf(code, match.index) }];
  });
}

/** Programs, maps and functions of a cell of C, in order of lines; nothing for cells of another kind. */
export function cellOutline(text: string): IOutlineEntry[] {
  const magic = /^\s*%%?(\w+)/.exec(text)?.[1];
  if (magic !== undefined && magic !== 'bpf' && magic !== 'user') {
    return [];
  }
  const code = withoutComments(text.slice(0, 200_000));
  return [...programs(code), ...functions(code)].sort((a, b) => a.line - b.line);
}
