/** One token of C text; offsets in UTF-16 units. A directive is one token with its continuation lines. */
export interface Token {
  kind: 'word' | 'number' | 'text' | 'mark' | 'directive';
  text: string;
  start: number;
  end: number;
}

/** Token number `i`; outside the list there is an empty mark, so that a reader need not ask at every step. */
export const tokenAt = (tokens: readonly Token[], i: number): Token => tokens[i] ?? NONE;

const NONE: Token = { kind: 'mark', text: '', start: -1, end: -1 };

const LEXEME =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|#(?:\\\r?\n|[^\n])*|[A-Za-z_]\w*|\d[\w.]*|->|\.\.\.|[^\s\w]/g;

function kindOf(text: string): Token['kind'] {
  if (/^[A-Za-z_]/.test(text)) return 'word';
  if (/^\d/.test(text)) return 'number';
  if (/^["']/.test(text)) return 'text';
  return text.startsWith('#') ? 'directive' : 'mark';
}

/** The tokens of any text, comments left out. What is no C becomes marks of one character; nothing throws. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(LEXEME)) {
    const [lexeme] = match;
    if (lexeme.startsWith('//') || lexeme.startsWith('/*')) continue;
    tokens.push({ kind: kindOf(lexeme), text: lexeme, start: match.index, end: match.index + lexeme.length });
  }
  return tokens;
}

/** Whether an offset is inside a comment of C text. */
export function isInComment(text: string, at: number): boolean {
  for (const match of text.matchAll(LEXEME)) {
    if (match.index >= at) return false;
    const end = match.index + match[0].length;
    if (match[0].startsWith('//') && at <= end) return true;
    if (match[0].startsWith('/*') && (at < end || !match[0].endsWith('*/'))) return true;
  }
  return false;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Index of the token that closes the bracket at `open`, or that of the last token when nothing does. */
export function closingOf(tokens: readonly Token[], open: number): number {
  const expected: string[] = [];
  for (let i = open; i < tokens.length; i++) {
    const { text, kind } = tokenAt(tokens, i);
    if (kind !== 'mark') continue;
    if (text in CLOSING) expected.push(CLOSING[text] ?? '');
    else if (text === expected.at(-1)) {
      expected.pop();
      if (expected.length === 0) return i;
    }
  }
  return tokens.length - 1;
}
