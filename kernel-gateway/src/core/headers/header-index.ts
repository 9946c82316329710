/**
 * Index of a vmlinux.h as `bpftool btf dump … format c` writes it: where each top-level declaration stands and which names
 * it provides. The text is kept once; declarations are read when a slice needs them.
 */

/** What a declaration provides, for the slice's rules. */
type DeclarationKind = 'record' | 'enum' | 'typedef' | 'extern' | 'forward' | 'directive';

/** Declarations in the header's own order; `starts[i]`..`ends[i]` is the text of number i, its last newline included. */
export interface HeaderIndex {
  text: string;
  starts: number[];
  ends: number[];
  kinds: DeclarationKind[];
  /** struct, union and enum tags, of definitions only. */
  tags: Map<string, number>;
  typedefs: Map<string, number>;
  /** Enumerators, functions and variables. */
  values: Map<string, number>;
}

const OPENING =
  /^(?:(struct|union|enum)(?:\s+(\w+))?(?:\s+__attribute__\s*\(\([^\n]*?\)\))?\s*\{|(typedef)\b|(extern)\b|(?:struct|union|enum)\s+\w+\s*;)/;

/** Index after the last character of the declaration that starts at `from`: its `;` at depth 0 and the newline. -1: none. */
function endOfDeclaration(text: string, from: number): number {
  const delimiter = /[{}();]/g;
  delimiter.lastIndex = from;
  let depth = 0;
  for (let match = delimiter.exec(text); match; match = delimiter.exec(text)) {
    const char = match[0];
    if (char === '{' || char === '(') depth++;
    else if (char === '}' || char === ')') depth--;
    else if (depth === 0) {
      const newline = text.indexOf('\n', match.index);
      return newline < 0 ? text.length : newline + 1;
    }
  }
  return -1;
}

function addEnumerators(index: HeaderIndex, number: number, body: string): void {
  const open = body.indexOf('{');
  const close = body.lastIndexOf('}');
  if (open < 0) return;
  for (const part of body.slice(open + 1, close).matchAll(/(?:^|,)\s*([A-Za-z_]\w*)/g))
    index.values.set(part[1] ?? '', number);
}

/** The name that a typedef declares: in `(*name)` or the last word before `;` and array bounds. */
function typedefName(declaration: string): string {
  const text = declaration.replaceAll(/__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)/g, '');
  const close = text.lastIndexOf('}');
  const tail = text.slice(close + 1);
  const pointer = close < 0 ? /\(\s*\*\s*(?:const\s+|volatile\s+)*([A-Za-z_]\w*)/.exec(tail) : null;
  if (pointer) return pointer[1] ?? '';
  return (
    /([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*;\s*$/.exec(tail)?.[1] ??
    /([A-Za-z_]\w*)\s*\([^()]*\)\s*;\s*$/.exec(tail)?.[1] ??
    ''
  );
}

function addDeclaration(index: HeaderIndex, start: number, end: number, opening: RegExpExecArray): void {
  const number = index.starts.length;
  const body = index.text.slice(start, end);
  const [, keyword, tag, isTypedef, isExtern] = opening;
  let kind: DeclarationKind = 'forward';
  if (keyword) {
    kind = keyword === 'enum' ? 'enum' : 'record';
    if (tag) index.tags.set(tag, number);
    if (keyword === 'enum') addEnumerators(index, number, body);
  } else if (isTypedef) {
    kind = 'typedef';
    index.typedefs.set(typedefName(body), number);
    if (/^typedef\s+enum\b/.test(body)) addEnumerators(index, number, body);
  } else if (isExtern) {
    kind = 'extern';
    index.values.set(/([A-Za-z_]\w*)\s*(?:\(|;|\[|__)/.exec(body.replace(/^extern\s+/, ''))?.[1] ?? '', number);
  }
  index.starts.push(start);
  index.ends.push(end);
  index.kinds.push(kind);
}

/**
 * Reads a vmlinux.h.
 *
 * @returns null when the text is not in bpftool's regular form (anything but declarations at depth 0 and the directives
 *   around them): such a header cannot be cut and is used whole
 */
export function indexHeader(text: string): HeaderIndex | null {
  const index: HeaderIndex = {
    text,
    starts: [],
    ends: [],
    kinds: [],
    tags: new Map(),
    typedefs: new Map(),
    values: new Map()
  };
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const lineEnd = newline < 0 ? text.length : newline + 1;
    const line = text.slice(at, Math.min(lineEnd, at + 400));
    if (line.startsWith('#')) {
      index.starts.push(at);
      index.ends.push(lineEnd);
      index.kinds.push('directive');
      at = lineEnd;
    } else if (line.trim() === '' || /^(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/)\s*$/.test(line)) {
      at = lineEnd;
    } else {
      const opening = OPENING.exec(line);
      const end = opening ? endOfDeclaration(text, at) : -1;
      if (!opening || end < 0) return null;
      addDeclaration(index, at, end, opening);
      at = end;
    }
  }
  return index.tags.size > 0 ? index : null;
}
