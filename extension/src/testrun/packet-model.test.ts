import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PacketDump } from 'kernel-gateway/protocol';
import { nextByte, PacketModel } from './packet-model.js';

const field = (name: string, bit_offset: number, bit_size: number): PacketDump['layers'][number]['fields'][number] => ({
  name,
  bit_offset,
  bit_size,
  text: '',
  problem: ''
});
const dump: PacketDump = {
  hex: '45000028ff',
  layers: [
    { name: 'ipv4', offset: 0, size: 4, fields: [field('version', 0, 4), field('ihl', 4, 4), field('length', 16, 16)] },
    { name: 'payload', offset: 4, size: 1, fields: [field('bytes', 32, 8)] }
  ],
  changed: [[3, 5]]
};

describe('PacketModel', () => {
  it('tells which fields a byte belongs to, and which are changed', () => {
    const model = new PacketModel(dump);
    expect(model.fieldsAt(0).map(place => place.field.name)).toEqual(['version', 'ihl']);
    expect(model.fieldsAt(1)).toEqual([]);
    expect(model.layerAt(4)).toBe(1);
    const changed = model.layers.flatMap(layer => layer.fields).filter(one => model.isFieldChanged(one));
    expect(changed.map(one => one.name)).toEqual(['length', 'bytes']);
  });
});

describe('nextByte', () => {
  it('stays in the packet', () => {
    const keys = fc.constantFrom(
      'ArrowLeft',
      'ArrowRight',
      'ArrowUp',
      'ArrowDown',
      'Home',
      'End',
      'PageUp',
      'PageDown'
    );
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 100 }), fc.nat(), (key, count, seed) => {
        const next = nextByte(key, seed % count, count);
        expect(next).toBeGreaterThanOrEqual(0);
        expect(next).toBeLessThan(count);
      })
    );
    expect(nextByte('Enter', 0, 5)).toBeNull();
  });
});
