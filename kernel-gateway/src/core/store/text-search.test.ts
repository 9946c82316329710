import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { charsText, rowOf } from '../decode/value-text.js';
import { charsContain, foldText } from './text-search.js';

const SIZE = 24;
const contains = (bytes: Uint8Array, value: string, size = SIZE): boolean =>
  charsContain({ offset: 0, size }, value)(rowOf(bytes, SIZE));

describe('charsContain', () => {
  it.each([
    ['Bash', 'AS', true],
    ['Straße', 'STRAẞE', true],
    ['ΟΔΟΣ', 'οδοσ', true],
    ['中文字符', '文字', true],
    ['中文字符', '字文', false],
    ['Ёлка', 'ёЛКА', true],
    ['𐐀bc', '𐐨B', true],
    ['kelvin \u212a', 'n k', false],
    ['İ', 'i', false],
    ['aab', 'ab', true],
    ['anything', '', true],
    ['', '', true],
    ['', 'a', false]
  ])('%j contains %j: %j', (text, value, expected) => {
    expect(contains(Buffer.from(text), value)).toBe(expected);
    expect(foldText(text).includes(foldText(value))).toBe(expected);
  });

  it('ends at the NUL and at the end of the array', () => {
    expect(contains(Buffer.from('ab\0cd'), 'cd')).toBe(false);
    expect(contains(Buffer.from('ab\0cd'), 'b')).toBe(true);
    expect(contains(Buffer.from('abcdef'), 'cd', 3)).toBe(false);
    expect(contains(Buffer.from('abcdef'), 'f', 0)).toBe(true);
  });

  it('finds what a search in the shown text finds, but for the letters of escapes', () => {
    const letter = fc.constantFrom(...'aAkKéÉßẞσςΣжЖ中文\u212bÅåǅǆ𐐀𐐨-');
    const word = fc.array(letter, { maxLength: 3 }).map(all => all.join(''));
    const text = fc.array(letter, { maxLength: 7 }).map(all => Buffer.from(all.join('')));
    const bytes = fc.oneof(
      text,
      fc.uint8Array({ maxLength: SIZE }).map(all => Buffer.from(all))
    );
    fc.assert(
      fc.property(bytes, word, (all, value) => {
        const record = new Uint8Array(SIZE);
        record.set(all.subarray(0, SIZE));
        for (let at = 0; at < SIZE; at++) if (record[at] === 0x5c) record[at] = 0x2d;
        const shown = charsText(rowOf(record, SIZE), 0, SIZE).replaceAll(/\\(?:x..|.)/g, '\0');
        expect(contains(record, value)).toBe(foldText(shown).includes(foldText(value)) || value === '');
      }),
      { numRuns: 3000 }
    );
  });
});
