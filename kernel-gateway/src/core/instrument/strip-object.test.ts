import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { readObject } from '../object/read-object.js';
import { stripObject } from './strip-object.js';

const folder = fileURLToPath(new URL('../../../../test/fixtures/objects/', import.meta.url));
const names = readdirSync(folder).filter(name => name.endsWith('.o'));
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(folder + name));

describe('stripObject', () => {
  it.each(names)('keeps programs, maps, globals and line table of %s', name => {
    const whole = read(name);
    const stripped = stripObject(whole);
    const [before, after] = [readObject(whole), readObject(stripped)];
    expect(stripped.length).toBeLessThan(whole.length * 0.8);
    expect(after.programs).toEqual(before.programs);
    expect(after.maps.map(map => [map.name, map.type, map.maxEntries])).toEqual(
      before.maps.map(map => [map.name, map.type, map.maxEntries])
    );
    expect(after.globals.map(({ name: one, section, offset, initial }) => [one, section, offset, initial])).toEqual(
      before.globals.map(({ name: one, section, offset, initial }) => [one, section, offset, initial])
    );
    expect([after.license, after.coreRelocations]).toEqual([before.license, before.coreRelocations]);
    expect(stripObject(stripped)).toEqual(stripped);
  });

  it('refuses whatever is no object, and nothing else happens to any bytes', () => {
    const whole = read(names[0] ?? '');
    const broken = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(whole.length));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), broken), input => {
        let bytes = input as Uint8Array;
        if (Array.isArray(input)) {
          bytes = whole.slice(0, input[2] || whole.length);
          bytes[input[0]] = input[1];
        }
        try {
          stripObject(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      }),
      { numRuns: 3000 }
    );
  });
});
