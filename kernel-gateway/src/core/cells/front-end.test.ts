import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { helpText, listMagics } from './help.js';
import { isComplete } from './is-complete.js';
import { magicTable } from './magic.table.js';

describe('isComplete', () => {
  it.each([
    ['int x;', 'complete'],
    ['int f(void) {', 'incomplete'],
    ['int f(void) { return 0; }', 'complete'],
    ['int f(void) { return (0; }', 'invalid'],
    ['/* open', 'complete'],
    ['int x; /* open', 'incomplete'],
    ['%maps', 'complete'],
    ['%nope', 'invalid'],
    ['#define X \\', 'incomplete'],
    ['int', 'incomplete']
  ])('%j is %s', (text, expected) => expect(isComplete(text)).toBe(expected));

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), text => void isComplete(text)));
  });
});

describe('help', () => {
  it('has a text for every magic, with all of its options', () => {
    for (const magic of magicTable) {
      const text = helpText((magic.scope === 'cell' ? '%%' : '%') + magic.name);
      expect(text).toContain(magic.usage);
      for (const option of magic.options) expect(text).toContain(`--${option.name}`);
      expect(listMagics()).toContain(magic.summary);
    }
    expect(helpText('%nope')).toBe('There is no magic "%nope".\n');
  });
});
