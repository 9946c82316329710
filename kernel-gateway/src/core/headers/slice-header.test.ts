import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addIdentifiers, includedNames } from './c-identifiers.js';
import { indexHeader } from './header-index.js';
import { sliceHeader } from './slice-header.js';

const HEADER = `#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)

typedef unsigned int u32;

typedef u32 pid_number;

struct far;

enum unseen;

enum color {
	RED = 0,
	BLUE = 1,
};

typedef struct {
	int counter;
} atomic_t;

struct inner {
	struct far *beyond;
};

struct far {
	long distance;
	char name[16];
};

typedef void (*callback_t)(struct far *, pid_number);

struct unrelated {
	int x;
} __attribute__((packed));

struct task {
	pid_number pid;
	atomic_t usage;
	struct inner held;
	struct far *remote;
	callback_t call;
	enum color paint: 2;
	enum unseen *shade;
	struct {
		struct unrelated *other;
	};
};

extern struct far *find_far(struct unrelated *u) __attribute__((weak));

#pragma clang attribute pop
#endif
`;

const slice = (program: string): string => {
  const index = indexHeader(HEADER);
  const mentioned = new Set<string>();
  addIdentifiers(program, mentioned);
  return index ? sliceHeader(index, mentioned) : '';
};
const defines = (text: string): string[] =>
  ['color', 'atomic_t', 'inner', 'far', 'unrelated', 'task', 'pid_number', 'u32', 'callback_t', 'find_far'].filter(
    name =>
      new RegExp(`(?:struct|enum) ${name} \\{|^\\} ${name};|^typedef .*[ *]${name}[;)]|^extern .*${name}`, 'm').test(
        text
      )
  );

describe('sliceHeader', () => {
  it('keeps what is held by value, and only declares what is behind a pointer', () => {
    const text = slice('struct task *t; t->pid;');
    expect(defines(text)).toEqual(['color', 'atomic_t', 'inner', 'task', 'pid_number', 'u32', 'callback_t']);
    expect(text).toMatch(/^struct far;$/m);
    expect(text).toMatch(/^struct unrelated;$/m);
    expect(text).toMatch(/^enum unseen;$/m);
  });

  it('follows a pointer whose member is named, however deep', () => {
    expect(defines(slice('struct task *t; BPF_CORE_READ(t, remote, distance);'))).toContain('far');
    expect(defines(slice('struct task *t; t->held.beyond->distance'))).toContain('far');
    expect(defines(slice('struct task *t; t->other->x'))).toContain('unrelated');
  });

  it('finds enumerators, functions and typedefs with all they need', () => {
    expect(defines(slice('int x = BLUE;'))).toEqual(['color']);
    expect(defines(slice('find_far(0)->distance'))).toEqual(['far', 'unrelated', 'find_far']);
    expect(defines(slice('callback_t c;'))).toEqual(['far', 'pid_number', 'u32', 'callback_t']);
    expect(defines(slice('int main;'))).toEqual([]);
  });

  it('keeps the frame of directives', () => {
    expect(
      slice('int main;')
        .split('\n')
        .filter(line => line.startsWith('#'))
    ).toEqual(HEADER.split('\n').filter(line => line.startsWith('#')));
  });

  it('does not index what it cannot cut', () => {
    expect(indexHeader('struct a { int x; };\nstatic inline int f(void) { return 1; }\n')).toBeNull();
    expect(indexHeader('')).toBeNull();
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      'struct ',
      'a ',
      '{',
      '}',
      ';',
      '\n',
      'typedef ',
      '(',
      ')',
      '*',
      'int ',
      'enum ',
      '= 1,'
    );
    fc.assert(
      fc.property(fc.array(piece), pieces => {
        const index = indexHeader(`struct first {\n\tint x;\n};\n${pieces.join('')}`);
        if (index) expect(sliceHeader(index, new Set(['a', 'first']))).toContain('struct first {');
      }),
      { numRuns: 1000 }
    );
  });
});

describe('addIdentifiers', () => {
  it('leaves out comments and strings', () => {
    const words = new Set<string>();
    addIdentifiers('a /* b */ "c \\" d" // e\n#define F(g) h', words);
    expect([...words]).toEqual(['a', 'define', 'F', 'g', 'h']);
  });
});

describe('includedNames', () => {
  it('reads both forms, and tells when a name is computed', () => {
    expect(includedNames('#include "a.h"\n # include <b/c.h> // x\n')).toEqual([
      { name: 'a.h', quoted: true },
      { name: 'b/c.h', quoted: false }
    ]);
    expect(includedNames('#include NAME\n')).toBeNull();
  });
});
