import { describe, expect, it } from 'vitest';
import type { ObjectSpec } from '../object/object-spec.js';
import { PRINTK_TAG, printkTagWrites, splitPrintkTag } from './printk-tag.js';

const object = (section: string, text: string): ObjectSpec => ({
  license: 'GPL',
  types: { types: [] },
  programs: [],
  maps: [],
  globals: [
    {
      name: 'f',
      section,
      offset: 8,
      size: text.length,
      type: 0,
      initial: new TextEncoder().encode(text),
      isConst: true
    }
  ],
  externs: [],
  operations: [],
  coreRelocations: 0
});

describe('printkTagWrites', () => {
  it('puts the number of the run into every format of the constants', () => {
    const writes = printkTagWrites(object('.rodata', `x${PRINTK_TAG}a ${PRINTK_TAG}b`), 0x1f);
    expect(writes.map(({ offset, bytes }) => [offset, new TextDecoder().decode(bytes)])).toEqual([
      [8 + 1 + 7, '0000001f'],
      [8 + 1 + PRINTK_TAG.length + 2 + 7, '0000001f']
    ]);
    expect(printkTagWrites(object('.data', PRINTK_TAG), 1)).toEqual([]);
  });
});

describe('splitPrintkTag', () => {
  it('takes the number off a line', () => {
    expect(splitPrintkTag('bpflab:0000001f hello')).toEqual({ tag: 31, text: 'hello' });
    expect(splitPrintkTag('hello')).toEqual({ tag: null, text: 'hello' });
  });
});
