import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainMake } from './make-failure.js';

const cases: [string, string][] = [
  ['make: *** No targets specified and no makefile found.  Stop.', 'the folder has no Makefile'],
  [
    '  BPF      .output/x.bpf.o\nx.bpf.c:4:10: fatal error: \'mine.h\' file not found\n    4 | #include "mine.h"\nmake: *** [Makefile:97: .output/x.bpf.o] Error 1',
    'x.bpf.c line 4 includes "mine.h", which is nowhere'
  ],
  [
    'x.c:24:10: fatal error: mine.h: No such file or directory\nmake: *** [Makefile:9: x.o] Error 1',
    'x.c line 24 includes "mine.h", which is nowhere'
  ],
  [
    "x.bpf.c:7:2: error: use of undeclared identifier 'foo'\nmake: *** …",
    "x.bpf.c line 7: use of undeclared identifier 'foo'"
  ],
  [
    '/bin/sh: 1: cargo: not found\nmake: *** [Makefile:2: all] Error 127',
    'it runs "cargo", which the lab image does not have'
  ],
  [
    'make: line 1: exec: cargo: not found'.replace('make', 'bash'),
    'it runs "cargo", which the lab image does not have'
  ],
  [
    '   Compiling hello v0.1.0\nerror[E0425]: cannot find value `x` in this scope\n --> src/main.rs:2:5\n  |\n',
    'src/main.rs line 2: cannot find value `x` in this scope'
  ],
  [
    'make: g++: No such file or directory\nmake: *** [Makefile:2: v] Error 127',
    'it runs "g++", which the lab image does not have'
  ],
  ["ld: x.o: in function `main':\nx.c:3: undefined reference to `foo'", 'the linker finds no "foo"'],
  ['/usr/bin/ld: cannot find -lssl: No such file', 'the lab image has no library "ssl"'],
  [
    "make: *** No rule to make target 'x.c', needed by '.output/x.o'.  Stop.",
    'there is no "x.c", which ".output/x.o" is made from'
  ],
  ['', 'it said nothing']
];

describe('why make failed', () => {
  it.each(cases)('reads %j', (output, cause) => {
    expect(explainMake(output).cause).toBe(cause);
  });

  it('has an answer to every output', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), output => {
        const { cause, hint } = explainMake(output);
        expect(cause.length).toBeGreaterThan(0);
        expect(hint.length).toBeGreaterThan(0);
      })
    );
  });
});
