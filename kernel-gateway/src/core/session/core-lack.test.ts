import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCoreUses } from '../object/core-relocations.js';
import type { Type } from '../object/type-table.js';
import { LabError } from '../../protocol/index.js';
import { coreLack, type KernelTypeNames } from './core-lack.js';

const object = readFileSync(new URL('../../../../test/fixtures/objects/reads.o', import.meta.url));
const all = readCoreUses(object);
/** As if the program did not ask. */
const uses = all.filter(use => use.wants !== 'exists' && use.type !== 'maybe');

/** A kernel with `thing { place places[4] }`, `place { union { struct { int <field> } at[2] } }` and the enumerators. */
function kernel(field: string, enumerators: readonly string[]): KernelTypeNames {
  const member = (name: string, type: number): { name: string; type: number; bitOffset: number; bitSize: number } => ({
    ...{ name, type },
    ...{ bitOffset: 0, bitSize: 0 }
  });
  const types: Type[] = [
    { kind: 'void' },
    { kind: 'struct', name: 'thing', size: 8, members: [member('places', 2)] },
    { kind: 'array', element: 3, count: 4 },
    { kind: 'struct', name: 'place', size: 8, members: [member('', 4)] },
    { kind: 'union', name: '', size: 8, members: [member('at', 5)] },
    { kind: 'array', element: 6, count: 2 },
    { kind: 'struct', name: '', size: 4, members: [member(field, 7)] },
    { kind: 'int', name: 'int', size: 4, encoding: 'signed' },
    { kind: 'enum', name: 'kind', size: 4, signed: false, values: [] }
  ];
  return {
    types,
    find: (kind, name) => {
      const id = types.findIndex(type => type.kind === kind && 'name' in type && type.name === name);
      return id < 0 ? null : id;
    },
    enumerator: name => (enumerators.includes(name) ? { value: 1n } : null)
  };
}

it('finds what programs read of the kernel, without versions and by names', () => {
  expect(all.filter(use => use.wants !== 'exists').map(({ type, path }) => [type, ...path].join('.'))).toEqual([
    'thing.places.at.x',
    'maybe.here',
    'kind.KIND_B'
  ]);
});

it('wants everything of a program that asks about nothing', () => {
  expect(coreLack(uses, kernel('x', ['KIND_A', 'KIND_B']))).toBeNull();
  expect(coreLack(all, kernel('gone', []))).toBeNull();
});

it('names what is missing and what is near', () => {
  expect(coreLack(uses, kernel('xx', ['KIND_B']))).toBe('its "thing.places.at" has no field "x"; is it "xx"');
  expect(coreLack(uses, kernel('x', ['KIND_A']))).toBe('its "kind" has no KIND_B');
  const nothing = { types: [], find: () => null, enumerator: () => null };
  expect(coreLack(uses, nothing)).toBe('it has no type "thing"');
});

it('refuses broken objects with one error only', () => {
  const place = fc.nat({ max: object.length - 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 20 }), changes => {
      const bytes = new Uint8Array(object);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        readCoreUses(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(LabError);
      }
    })
  );
});
