import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowCells } from '../../../../test/fixtures/event-rows.mjs';
import type { Type } from '../object/type-table.js';
import { recordPayload } from './record-payload.js';
import { createRecordStore } from './record-store.js';

/** Members at any offset, also such that no processor would put there. */
const fieldType = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
const scalars: Type[] = [
  { kind: 'void' },
  { kind: 'int', name: 'u8', size: 1, encoding: 'unsigned' },
  { kind: 'int', name: 's8', size: 1, encoding: 'signed' },
  { kind: 'int', name: 'u16', size: 2, encoding: 'unsigned' },
  { kind: 'int', name: 's16', size: 2, encoding: 'signed' },
  { kind: 'int', name: 'u32', size: 4, encoding: 'unsigned' },
  { kind: 'int', name: 's32', size: 4, encoding: 'signed' },
  { kind: 'int', name: 'u64', size: 8, encoding: 'unsigned' },
  { kind: 'int', name: 's64', size: 8, encoding: 'signed' },
  { kind: 'float', name: 'double', size: 8 },
  { kind: 'array', element: 12, count: 5 },
  { kind: 'array', element: 12, count: 0 },
  { kind: 'int', name: 'char', size: 1, encoding: 'char' }
];
const sizes = [0, 1, 1, 2, 2, 4, 4, 8, 8, 8, 5, 0];

const layouts = fc.record({
  members: fc.array(fc.record({ type: fieldType, gap: fc.nat(5) }), { minLength: 1, maxLength: 6 }),
  tail: fc.nat(9)
});

function structOf({
  members,
  tail
}: {
  members: { type: number; gap: number }[];
  tail: number;
}): Type & { size: number } {
  let at = 0;
  const placed = members.map(({ type, gap }, index) => {
    at += gap;
    const member = { name: `m${index}`, type, bitOffset: at * 8, bitSize: 0 };
    at += sizes[type] ?? 0;
    return member;
  });
  return { kind: 'struct', name: 'any', size: at + tail, members: placed };
}

describe('window buffers', () => {
  it('hold what a snapshot says, for any layout, records of any length, and any order', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.array(fc.tuple(fc.integer({ min: -4, max: 6 }), fc.infiniteStream(fc.nat(255))), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(6),
        (layout, contents, perPayload, sortMember) => {
          const struct = structOf(layout);
          const types = { types: [...scalars, struct] };
          const store = createRecordStore({ types, type: scalars.length, source: 'perf' });
          const records = contents.map(([longer, bytes]) =>
            Uint8Array.from({ length: Math.max(0, struct.size + longer) }, () => bytes.next().value as number)
          );
          for (let at = 0; at < records.length; at += perPayload) {
            store.append(recordPayload({ seq: at, lost: 0n, monoNs: BigInt(at) }, records.slice(at, at + perPayload)));
          }
          const whole = store.snapshot(100).rows;
          expect(windowCells(store)).toEqual(whole);
          expect(windowCells(store, { first: 3, count: 4 })).toEqual(whole.slice(3, 7));
          const sorted = windowCells(store, {
            sort: { column: `m${sortMember % layout.members.length}`, descending: true }
          });
          const bySeq = new Map(whole.map(row => [row[0], row]));
          expect(sorted).toEqual(sorted.map(row => bySeq.get(row[0] ?? '')));
          expect(new Set(sorted.map(row => row[0])).size).toBe(whole.length);
        }
      ),
      { numRuns: 400 }
    );
  });
});
