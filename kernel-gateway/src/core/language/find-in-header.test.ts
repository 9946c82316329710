import { describe, expect, it } from 'vitest';
import { indexHeader } from '../headers/header-index.js';
import { findInHeader } from './find-in-header.js';

const HEADER = `#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef unsigned int u32;

enum color {
	RED = 0,
	BLUE = 1,
};

struct inner {
	int inner_id;
	int id;
	u32 bits: 3;
	char name[16];
	int (*run)(int);
};

extern int act(struct inner *one);

#endif
`;
const index = indexHeader(HEADER)!;

/** The text at a place, to the end of its line. */
const at = (name: string, member = ''): string | null => {
  const place = findInHeader(index, name, member);
  return place ? HEADER.split('\n')[place.line - 1]!.slice(place.column - 1) : null;
};

describe('findInHeader', () => {
  it.each([
    ['u32', '', 'u32;'],
    ['struct inner', '', 'inner {'],
    ['inner', '', 'inner {'],
    ['BLUE', '', 'BLUE = 1,'],
    ['act', '', 'act(struct inner *one);'],
    ['struct inner', 'id', 'id;'],
    ['struct inner', 'bits', 'bits: 3;'],
    ['struct inner', 'name', 'name[16];'],
    ['struct inner', 'run', 'run)(int);']
  ])('%s %s', (name, member, text) => expect(at(name, member)).toBe(text));

  it('finds nothing where nothing is', () => {
    expect(at('struct nothing')).toBeNull();
    expect(at('')).toBeNull();
    expect(at('a(b', ')')).toBeNull();
  });
});
