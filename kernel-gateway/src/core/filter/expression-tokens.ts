import { ExpressionFault, type TextSpan } from './expression.js';

/** A piece of an expression; `sign` is an operator or bracket, `text` has its quotes and escapes resolved. */
export type Token = TextSpan &
  (
    | { kind: 'number'; value: bigint | number; text: string }
    | { kind: 'text'; value: string }
    | { kind: 'name'; name: string; isQuoted: boolean }
    | { kind: 'sign'; sign: string }
    | { kind: 'end' }
  );

const space = /[\s\u00a0]+/y;
const integer = /0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*/y;
const decimal = /(?:[0-9][0-9_]*\.[0-9]+|\.[0-9]+|[0-9][0-9_]*\.)(?:[eE][+-]?[0-9]+)?|[0-9][0-9_]*[eE][+-]?[0-9]+/y;
// C paths, `count@0` of a CPU, `@time` of ours, `name#2` of a doubled name.
const name = /[\p{L}_@][\p{L}\p{N}_@#$]*(?:\.[\p{L}_][\p{L}\p{N}_@#$]*)*/uy;
const sign = /&&|\|\||==|!=|<=|>=|!~|=~|[=<>~!()+\-*/%&,]/y;

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

/** Cuts a text into its pieces, the last of which is `end`. @throws ExpressionFault */
export function expressionTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  for (;;) {
    at += match(space)?.length ?? 0;
    if (at >= text.length) break;
    const token = quoted(text, at) ?? numberToken(at, match) ?? wordToken(at, match);
    if (!token) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      throw new ExpressionFault(`"${character}" means nothing here.`, { from: at, to: at + character.length });
    }
    tokens.push(token);
    at = token.to;
  }
  tokens.push({ kind: 'end', from: text.length, to: text.length });
  return tokens;
}

function numberToken(from: number, match: (pattern: RegExp) => string | null): Token | null {
  const fraction = match(decimal);
  if (fraction !== null) {
    const value = Number(fraction.replaceAll('_', ''));
    return { kind: 'number', value, text: fraction, from, to: from + fraction.length };
  }
  const whole = match(integer);
  if (whole === null) return null;
  const digits = whole.replaceAll('_', '');
  const span = { from, to: from + whole.length };
  if (/^0[xob]$/i.test(digits)) throw new ExpressionFault(`"${whole}" has no digits.`, span);
  return { kind: 'number', value: BigInt(digits), text: digits, ...span };
}

function wordToken(from: number, match: (pattern: RegExp) => string | null): Token | null {
  const word = match(name);
  if (word !== null) return { kind: 'name', name: word, isQuoted: false, from, to: from + word.length };
  const found = match(sign);
  return found === null ? null : { kind: 'sign', sign: found, from, to: from + found.length };
}

/** "text", 'text', or a column's name between backticks. A backslash takes the next character as it is. */
function quoted(text: string, from: number): Token | null {
  const quote = text[from];
  if (quote !== '"' && quote !== "'" && quote !== '`') return null;
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === quote) {
      const span = { from, to: at + 1 };
      return quote === '`' ? { kind: 'name', name: value, isQuoted: true, ...span } : { kind: 'text', value, ...span };
    }
    if (character === '\\' && at + 1 < text.length) {
      at++;
      value += escapes[text[at] ?? ''] ?? text[at];
    } else {
      value += character;
    }
  }
  throw new ExpressionFault(`The ${quote} is not closed.`, { from, to: text.length });
}
