import { readTokens, tokenAt, type Token } from './c-tokens.js';
import { splitList } from './declaration.js';

/** A call whose arguments an offset is in. */
export interface EnclosingCall {
  name: string;
  /** Offset of the name. */
  at: number;
  /** Index of the argument that the offset is in. */
  argument: number;
  /** Tokens of each argument that is begun, up to the offset. */
  parts: Token[][];
}

const NO_CALL = /^(if|for|while|switch|return|sizeof|SEC|__attribute__|defined)$/;

/** Only so much text before the offset is looked at: a call is short, and a cell may be long. */
const MAX_LOOK_BACK = 4000;

/**
 * The innermost call around an offset, null when there is none. `outer` skips that many calls: the one around it comes.
 */
export function enclosingCall(text: string, at: number, outer = 0): EnclosingCall | null {
  const start = Math.max(0, at - MAX_LOOK_BACK);
  const tokens = readTokens(text.slice(start, at));
  const open: number[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'mark') continue;
    if ('([{'.includes(token.text)) open.push(i);
    else if (')]}'.includes(token.text)) open.pop();
    else if (token.text === ';') dropTo(open, tokens);
  }
  const calls = open.filter(i => {
    const before = tokenAt(tokens, i - 1);
    return tokenAt(tokens, i).text === '(' && before.kind === 'word' && !NO_CALL.test(before.text);
  });
  const found = calls.at(-1 - outer);
  if (found === undefined || open.slice(open.indexOf(found)).some(i => tokenAt(tokens, i).text === '{')) return null;
  const name = tokenAt(tokens, found - 1);
  const parts = splitList(tokens.slice(found + 1));
  return { name: name.text, at: start + name.start, argument: Math.max(0, parts.length - 1), parts };
}

/** A semicolon ends what is open but blocks: `foo(` of a line before was never closed. */
function dropTo(open: number[], tokens: readonly Token[]): void {
  const block = open.findLastIndex(i => tokenAt(tokens, i).text === '{');
  const loop = open.findLastIndex(i => tokenAt(tokens, i - 1).text === 'for');
  open.length = Math.max(block, loop) + 1;
}
