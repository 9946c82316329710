/**
 * "Contains, without case", in the bytes of a record or in a text. The rule: A to Z are a to z; any other character is
 * its own lower case of one character where Unicode has one beyond ASCII, and else itself (İ and the Kelvin sign stay what
 * they are, and a word's last σ is no other letter than the rest).
 */
import type { Row } from '../decode/column.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';

function foldCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const lower = character.toLowerCase();
  if (code < 0x80) return lower;
  const lowerCode = lower.codePointAt(0) ?? 0;
  return lowerCode < 0x80 || lower.length !== String.fromCodePoint(lowerCode).length ? character : lower;
}

/** The text with every character folded: texts are equal without case when their folds are equal. */
export function foldText(text: string): string {
  let isAscii = true;
  for (let index = 0; isAscii && index < text.length; index++) isAscii = text.charCodeAt(index) < 0x80;
  return isAscii ? text.toLowerCase() : Array.from(text, foldCharacter).join('');
}

/** Characters beyond ASCII by what they fold to, where that is not themselves. */
let capitals: Map<string, string[]> | null = null;

/** Past this plane's half no script has two cases (Unicode 16: Adlam, at 1E900, is the last). */
const LAST_WITH_CASE = 0x1ffff;

function capitalsOf(folded: string): string[] {
  if (!capitals) {
    capitals = new Map();
    for (let code = 0x80; code <= LAST_WITH_CASE; code++) {
      if (code === 0xd800) code = 0xe000;
      const character = String.fromCodePoint(code);
      const lower = foldCharacter(character);
      if (lower !== character) capitals.set(lower, [...(capitals.get(lower) ?? []), character]);
    }
  }
  return capitals.get(folded) ?? [];
}

/** All ways to write each character of the wanted text, as UTF-8. */
function spellings(value: string): Uint8Array[][] {
  return Array.from(foldText(value), folded => {
    const all = folded < '\x80' ? [folded, folded.toUpperCase()] : [folded, ...capitalsOf(folded)];
    return [...new Set(all)].map(encodeUtf8);
  });
}

/**
 * Searches the NUL-terminated bytes at a place of the record (`size` 0: to its end); no text is made. The bytes of a
 * character are found nowhere but at its beginning, as UTF-8 is made.
 */
export function charsContain(source: { offset: number; size: number }, value: string): (row: Row) => boolean {
  const { offset, size } = source;
  const wanted = spellings(value);
  const isFirst = new Uint8Array(256);
  for (const bytes of wanted[0] ?? []) isFirst[bytes[0] ?? 0] = 1;
  const least = wanted.reduce((sum, all) => sum + Math.min(...all.map(bytes => bytes.length)), 0);
  return row => {
    const { bytes } = row;
    const start = row.at + offset;
    const limit = size > 0 ? start + size : row.at + row.length;
    for (let at = start; at < limit; at++) {
      const byte = bytes[at] as number;
      if (byte === 0) return least === 0;
      if (isFirst[byte] === 1 && at + least <= limit && matchesAt(bytes, at, { limit, wanted })) return true;
    }
    return least === 0;
  };
}

function matchesAt(
  bytes: Uint8Array,
  from: number,
  { limit, wanted }: { limit: number; wanted: readonly (readonly Uint8Array[])[] }
): boolean {
  let at = from;
  for (const all of wanted) {
    let length = 0;
    for (const one of all) {
      if (at + one.length > limit) continue;
      let matched = 0;
      while (matched < one.length && bytes[at + matched] === one[matched]) matched++;
      if (matched === one.length) length = matched;
    }
    if (length === 0) return false;
    at += length;
  }
  return true;
}
