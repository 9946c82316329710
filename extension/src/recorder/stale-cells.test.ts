import { describe, expect, it } from 'vitest';
import { staleCells, type IRanCell } from './stale-cells.js';

const ran = (source: string, order: number, changedOrder = order): IRanCell => ({ source, order, changedOrder });
const HEADER = '%%file event.h\n#include "types.h"\nstruct event {};\n';
const PROGRAM = '#include "vmlinux.h"\n#include "event.h"\nint x;\n';

function staleOf(cells: Record<string, IRanCell>, edited: Record<string, string> = {}): object {
  const now = Object.entries(cells).map(([id, { source }]): [string, string] => [id, edited[id] ?? source]);
  return Object.fromEntries(staleCells(new Map(Object.entries(cells)), now));
}

describe('cells that are out of date', () => {
  it('are those that were edited since they ran', () => {
    expect(staleOf({ a: ran('one', 1), b: ran('two', 2) }, { b: 'two!' })).toEqual({ b: { kind: 'edited' } });
  });

  it('are those whose header has another text since, also one that a header includes', () => {
    expect(staleOf({ header: ran(HEADER, 3), program: ran(PROGRAM, 2) })).toEqual({
      program: { kind: 'header', header: 'event.h' }
    });
    const types = ran('%%file types.h\ntypedef int t;\n', 4);
    expect(staleOf({ types, header: ran(HEADER, 1), program: ran(PROGRAM, 2) })).toEqual({
      program: { kind: 'header', header: 'types.h' }
    });
  });

  it('are not those whose header was written again with the same text, or before', () => {
    expect(staleOf({ header: ran(HEADER, 3, 1), program: ran(PROGRAM, 2) })).toEqual({});
    expect(staleOf({ header: ran(HEADER, 1), program: ran(PROGRAM, 2) })).toEqual({});
  });

  it('are none that never ran, and headers that include each other end', () => {
    expect([...staleCells(new Map(), [['a', 'text']])]).toEqual([]);
    const loop = { a: ran('%%file a.h\n#include "b.h"', 1), b: ran('%%file b.h\n#include "a.h"', 2) };
    expect(staleOf({ ...loop, program: ran('#include "a.h"', 3) })).toEqual({});
  });
});
