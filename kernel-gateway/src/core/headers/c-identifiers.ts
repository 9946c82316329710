const LEXEME = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[A-Za-z_]\w*/g;

/** Adds every identifier of a C text to `into`; comments and strings are left out, macro bodies are not. */
export function addIdentifiers(text: string, into: Set<string>): void {
  for (const [word] of text.matchAll(LEXEME)) if (/^\w/.test(word)) into.add(word);
}

/** The names that the include directives of a text give, `quoted` for "…"; null when one is computed by a macro. */
export function includedNames(text: string): { name: string; quoted: boolean }[] | null {
  const names: { name: string; quoted: boolean }[] = [];
  for (const match of text.matchAll(/^[ \t]*#[ \t]*(?:include|include_next|import)\b[ \t]*(.*)$/gm)) {
    const named = /^(?:"([^"\n]+)"|<([^>\n]+)>)/.exec(match[1] ?? '');
    if (!named) return null;
    names.push({ name: named[1] ?? named[2] ?? '', quoted: named[1] !== undefined });
  }
  return names;
}
