/** Index after the parenthesis that closes the one at `open`; -1 when it is not closed. Strings and comments are skipped. */
function closeOf(text: string, open: number): number {
  const token = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[()]/g;
  token.lastIndex = open;
  let depth = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '(') depth++;
    else if (match[0] === ')' && --depth === 0) return token.lastIndex;
  }
  return -1;
}

/** Splits at the commas that are in no parentheses, brackets or braces. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const match of text.matchAll(
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[()[\]{},]/g
  )) {
    const char = match[0];
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, match.index).trim());
      start = match.index + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}

/**
 * Arguments, as they are written, of every call of a function in a C text; a call that is not closed gives none. The text
 * is not preprocessed: calls in comments and in code that is switched off count too.
 */
export function scanCalls(text: string, name: string): string[][] {
  const calls: string[][] = [];
  const call = new RegExp(`\\b${name}\\s*\\(`, 'g');
  for (let match = call.exec(text); match; match = call.exec(text)) {
    const close = closeOf(text, call.lastIndex - 1);
    calls.push(close < 0 ? [] : splitArguments(text.slice(call.lastIndex, close - 1)));
  }
  return calls;
}
