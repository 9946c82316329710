import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { BtfOnDemand } from './btf-on-demand.js';
import { readBtf } from './btf.js';
import { readElf } from './elf.js';

const elf = readElf(readFileSync(new URL('../../../../test/fixtures/objects/shapes.o', import.meta.url)));
const section = elf.sections.find(one => one.name === '.BTF')!.data;

describe('BtfOnDemand', () => {
  const whole = readBtf(section);
  const some = new BtfOnDemand(section);

  it('decodes every type as readBtf does', () => {
    expect(some.types.length).toBe(whole.types.length);
    for (const [id, type] of whole.types.entries()) expect(some.types[id]).toEqual(type);
    expect(some.types[whole.types.length]).toBeUndefined();
  });

  it('finds names of each kind, in order', () => {
    const structs = whole.types.flatMap(type => (type.kind === 'struct' && type.name !== '' ? [type.name] : []));
    expect(some.namesFrom('struct', '', 1000)).toEqual([...new Set(structs)].sort());
    expect(some.namesFrom('struct', '', 1)).toHaveLength(1);
    expect(some.find('struct', structs[0]!)).toBe(
      whole.types.findIndex(type => type.kind === 'struct' && type.name === structs[0])
    );
    expect(some.find('struct', 'nothing')).toBeNull();
    const functions = [...whole.functions.values()].map(one => one.name);
    expect(some.namesFrom('function', '', 1000)).toEqual([...new Set(functions)].sort());
    expect(some.prototype(functions[0]!)).toMatchObject({ kind: 'function', name: functions[0] });
  });

  it('finds enumerators with their values', () => {
    for (const [id, type] of whole.types.entries())
      if (type.kind === 'enum')
        for (const { name, value } of type.values) expect(some.enumerator(name)).toEqual({ type: id, value });
    expect(some.enumerator('nothing')).toBeNull();
  });

  it('refuses a broken section with a reason, or reads it', () => {
    fc.assert(
      fc.property(fc.nat(section.length - 1), fc.nat(255), (at, byte) => {
        const broken = Uint8Array.from(section);
        broken[at] = byte;
        try {
          const btf = new BtfOnDemand(broken);
          for (let id = 0; id < btf.types.length; id++) void btf.types[id];
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      })
    );
  });
});
