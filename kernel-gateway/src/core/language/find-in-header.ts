import type { HeaderIndex } from '../headers/header-index.js';

/** Number of a declaration by its C name ("struct x", "u32", an enumerator, a function); undefined when there is none. */
function declarationOf(index: HeaderIndex, name: string): number | undefined {
  const [, keyword, plain = name] = /^(struct|union|enum) (\w+)$/.exec(name) ?? [];
  if (keyword !== undefined) return index.tags.get(plain);
  return index.typedefs.get(plain) ?? index.values.get(plain) ?? index.tags.get(plain);
}

/** Offset of a name within a declaration: a member before its semicolon, bounds or width; else the name as a word. */
function offsetOf(declaration: string, name: string, isMember: boolean): number {
  const escaped = name.replaceAll(/\W/g, '');
  const member = new RegExp(
    `\\b(${escaped})\\s*(?:\\[[^\\]]*\\]\\s*)*(?::\\s*\\d+\\s*)?;|\\(\\*\\s*(${escaped})\\)`
  ).exec(declaration);
  const found =
    isMember && member ? member.index + member[0].indexOf(escaped) : declaration.search(new RegExp(`\\b${escaped}\\b`));
  return Math.max(0, found);
}

/** Where a vmlinux.h declares a name, or a member of a struct: 1-based line and column; null when it does not. */
export function findInHeader(
  index: HeaderIndex,
  name: string,
  member: string
): { line: number; column: number } | null {
  const number = declarationOf(index, name);
  const start = number === undefined ? undefined : index.starts[number];
  if (number === undefined || start === undefined) return null;
  const text = index.text.slice(start, index.ends[number]);
  const wanted = member === '' ? name.replace(/^\w+ /, '') : member;
  const at = start + offsetOf(text, wanted, member !== '');
  let line = 1;
  for (
    let newline = index.text.indexOf('\n');
    newline >= 0 && newline < at;
    newline = index.text.indexOf('\n', newline + 1)
  )
    line++;
  return { line, column: at - index.text.lastIndexOf('\n', at - 1) };
}
