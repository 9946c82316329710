import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MapSpec } from '../object/object-spec.js';
import type { Member, Type, TypeTable } from '../object/type-table.js';
import type { StackFrame } from '../../protocol/index.js';
import { buildProfile, profileText, shortProfile } from './build-profile.js';
import { recognizeStacks } from './recognize-stacks.js';
import { readStackAddresses, readStackEntry } from './stack-entries.js';

const INT: Type = { kind: 'int', name: 'int', size: 4, encoding: 'signed' };
const U32: Type = { kind: 'int', name: 'u32', size: 4, encoding: 'unsigned' };
const U64: Type = { kind: 'int', name: 'u64', size: 8, encoding: 'unsigned' };
const CHAR: Type = { kind: 'int', name: 'char', size: 1, encoding: 'char' };
const COMM: Type = { kind: 'array', element: 4, count: 16 };
const basics: Type[] = [{ kind: 'void' }, INT, U32, U64, CHAR, COMM];
const sizes: Record<number, number> = { 1: 4, 2: 4, 3: 8, 5: 16 };

/** Types with a struct of these members at index 6 and, when there are two, at 7. */
function types(...structs: Record<string, number>[]): TypeTable {
  return {
    types: [
      ...basics,
      ...structs.map((members): Type => {
        let offset = 0;
        const list = Object.entries(members).map(([name, type]): Member => {
          const member = { name, type, bitOffset: offset * 8, bitSize: 0 };
          offset += sizes[type] ?? 0;
          return member;
        });
        return { kind: 'struct', name: 's', size: offset, members: list };
      })
    ]
  };
}

const map = (changes: Partial<MapSpec>): MapSpec => ({
  name: 'counts',
  type: 'hash',
  keySize: 16,
  valueSize: 8,
  maxEntries: 10,
  flags: 0,
  keyType: 6,
  valueType: 3,
  records: [],
  inner: null,
  pinByName: false,
  ...changes
});
const stackMap = map({ name: 'stacks', type: 'stack_trace', keyType: 0, valueType: 0 });
const bccKey = { pid: 2, kern_stack_id: 1, user_stack_id: 1, comm: 5 };

describe('recognizeStacks', () => {
  it('takes a key with stack ids beside a STACK_TRACE map', () => {
    expect(recognizeStacks(types(bccKey), map({}), [map({}), stackMap])).toEqual({
      ids: [
        { field: { side: 'key', offset: 8, size: 4 }, map: 'stacks', part: 'user' },
        { field: { side: 'key', offset: 4, size: 4 }, map: 'stacks', part: 'kernel' }
      ],
      process: { side: 'key', offset: 0, size: 4 },
      command: { side: 'key', offset: 12, size: 16 },
      count: { side: 'value', offset: 0, size: 8 },
      unit: 'samples'
    });
  });

  it.each([
    ['no STACK_TRACE map', bccKey, {}, []],
    ['an array', bccKey, { type: 'array' }, [stackMap]],
    ['no stack id', { pid: 2, comm: 5 }, {}, [stackMap]],
    ['a value that is text', bccKey, { valueType: 5 }, [stackMap]]
  ])('leaves a map alone: %s', (_, key, changes, maps) => {
    expect(recognizeStacks(types(key), map(changes), [map(changes), ...maps])).toBeNull();
  });

  it.each(['kstack', 'kernelStackId', 'kern_stackid', 'user_stack', 'ustackid', 'stack_id', 'stackid'])(
    'knows a member %s',
    name => {
      expect(recognizeStacks(types({ [name]: 1 }), map({}), [stackMap])?.ids).toHaveLength(1);
    }
  );

  it('takes a plain key by the name of the map, and a value of several members by theirs', () => {
    expect(recognizeStacks(types(), map({ name: 'stack_counts', keyType: 1 }), [stackMap])?.ids[0]?.part).toBe(
      'either'
    );
    expect(recognizeStacks(types(), map({ name: 'counts', keyType: 1 }), [stackMap])).toBeNull();
    const value = { first_seen: 3, total_ns: 3 };
    expect(recognizeStacks(types(bccKey, value), map({ valueType: 7 }), [stackMap])).toMatchObject({
      count: { side: 'value', offset: 8 },
      unit: 'nsecs'
    });
  });

  it('takes the map whose name says the same part, where there are two', () => {
    const maps = [map({ name: 'ustacks', type: 'stack_trace' }), map({ name: 'kstacks', type: 'stack_trace' })];
    expect(recognizeStacks(types(bccKey), map({}), maps)?.ids.map(id => id.map)).toEqual(['ustacks', 'kstacks']);
  });
});

describe('entries', () => {
  it('are read from the bytes of key and value, per CPU too', () => {
    const shape = recognizeStacks(types(bccKey), map({ type: 'percpu_hash' }), [stackMap])!;
    const bytes = new Uint8Array(28 + 16);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 77, true);
    view.setInt32(4, -14, true);
    view.setInt32(8, 5, true);
    bytes.set(Buffer.from('bash'), 12);
    view.setBigUint64(28, 3n, true);
    view.setBigUint64(36, 4n, true);
    const entry = readStackEntry(bytes, shape, { keyBytes: 28, valueBytes: 8, cpus: 2 });
    expect(entry).toEqual({ ids: [5, -14], process: 77, command: 'bash', count: 7n });
  });

  it('have addresses up to the first 0', () => {
    const value = new BigUint64Array([3n, 2n, 0n, 9n]);
    expect(readStackAddresses(new Uint8Array(value.buffer))).toEqual([3n, 2n]);
  });
});

describe('buildProfile', () => {
  const frame = (name: string): StackFrame => ({ name, kind: 'user', origin: '', is_known: true });
  const stack = fc.record({
    frames: fc.array(fc.constantFrom('a', 'b', 'c').map(frame), { maxLength: 4 }),
    count: fc.bigInt({ min: 0n, max: 1n << 64n })
  });

  it('loses no count, and lists each stack once, the largest first', () => {
    fc.assert(
      fc.property(fc.array(stack, { maxLength: 30 }), fc.nat(5), (stacks, most) => {
        const whole = buildProfile(stacks, 'samples', []);
        const profile = shortProfile(whole, most);
        const sum = profile.stacks.reduce((all, one) => all + BigInt(one.count), BigInt(profile.omitted.count));
        expect(sum).toBe(stacks.reduce((all, one) => all + one.count, 0n));
        const paths = profile.stacks.map(one => one.frames.map(number => profile.frames[number]?.name).join());
        expect(new Set(paths).size).toBe(paths.length);
        const counts = profile.stacks.map(one => BigInt(one.count));
        counts.forEach((count, index) => expect(count <= (counts[index - 1] ?? count)).toBe(true));
      })
    );
  });

  it('is a table with shares as text', () => {
    const profile = buildProfile(
      [
        { frames: [frame('main'), frame('leaf')], count: 3n },
        { frames: [frame('x')], count: 1n }
      ],
      'samples',
      ['something']
    );
    expect(profileText(profile, 1).split('\n')).toEqual([
      '   samples  share  stack',
      '         3  75.0%  leaf ← main',
      '… and 1 more stacks',
      '(something)'
    ]);
  });
});
