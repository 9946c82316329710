import { describe, expect, it } from 'vitest';
import type { Column, Row } from '../decode/column.js';
import { columnsOf } from '../decode/columns-of.js';
import type { MapSpec } from '../object/object-spec.js';
import type { Type, TypeTable } from '../object/type-table.js';
import { recordStacks, stackColumns } from './stack-columns.js';
import { StackNames } from './stack-names.js';

const basics: Type[] = [
  { kind: 'void' },
  { kind: 'int', name: '__u32', size: 4, encoding: 'unsigned' },
  { kind: 'int', name: '__u64', size: 8, encoding: 'unsigned' },
  { kind: 'array', element: 2, count: 3 },
  { kind: 'int', name: '__u8', size: 1, encoding: 'unsigned' },
  { kind: 'array', element: 1, count: 3 }
];
const sizes = [0, 4, 8, 24, 1, 12];

/** Columns of a struct; members by their type's number above, each behind the other. */
function columns(members: Record<string, number>): Column[] {
  let offset = 0;
  const list = Object.entries(members).map(([name, type]) => {
    const member = { name, type, bitOffset: offset * 8, bitSize: 0 };
    offset += sizes[type] ?? 0;
    return member;
  });
  const types: TypeTable = { types: [...basics, { kind: 'struct', name: 'event', size: offset, members: list }] };
  return columnsOf(types, basics.length);
}

const mapOf = (name: string, type = 'stack_trace'): MapSpec => ({
  ...{ name, type, keySize: 4, valueSize: 1016, maxEntries: 10, flags: 0, keyType: 0, valueType: 0 },
  ...{ records: [], inner: null, pinByName: false }
});

function rowOf(...words: number[]): Row {
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  return { view: new DataView(bytes.buffer), bytes, at: 0, length: bytes.length, number: 0 };
}

const KERNEL = 0xffffffff80001000n;
const kernelWords = [0x80001000, 0xffffffff];
const textOf = (made: readonly Column[], row: Row): string[] =>
  made.map(column => (column.kind === 'text' ? column.text(row) : ''));

describe('recordStacks', () => {
  it('takes ids beside a STACK_TRACE map, each of the map that its name begins like', () => {
    const maps = [mapOf('kstacks'), mapOf('ustacks'), mapOf('events', 'ringbuf')];
    const { fields, process } = recordStacks(columns({ pid: 1, kern_stack_id: 1, userStackId: 1, stack_id: 1 }), maps);
    expect(fields.map(field => [field.name, field.part, field.kind === 'id' ? field.map : ''])).toEqual([
      ['kern_stack_id', 'kernel', 'kstacks'],
      ['userStackId', 'user', 'ustacks'],
      ['stack_id', 'either', 'kstacks']
    ]);
    expect(process).not.toBeNull();
  });

  it('takes arrays of 64-bit addresses without any map', () => {
    const { fields } = recordStacks(columns({ tgid: 1, kstack: 3, ustack: 3 }), []);
    expect(fields).toMatchObject([
      { name: 'kstack', kind: 'addresses', offset: 4, count: 3 },
      { name: 'ustack', kind: 'addresses', offset: 28, count: 3 }
    ]);
  });

  it.each([
    ['an id without a STACK_TRACE map', { stack_id: 1 }, []],
    ['a number of another name', { stack_depth: 1, stacked: 1 }, [mapOf('stacks')]],
    ['a number that is too small for an id', { stack_id: 4 }, [mapOf('stacks')]],
    ['an array of other numbers', { stack: 5 }, []]
  ])('leaves %s alone', (_, members, maps) => {
    expect(recordStacks(columns(members as unknown as Record<string, number>), maps).fields).toEqual([]);
  });
});

describe('stackColumns', () => {
  it('shows functions, the innermost first, once they are known, and asks for them until then', () => {
    let asked = 0;
    const names = new StackNames(() => asked++);
    const own = columns({ pid: 1, stack_id: 1 });
    const made = stackColumns(own, recordStacks(own, [mapOf('stacks')]), names);
    expect(made.map(column => column.spec.name)).toEqual(['stack']);
    expect(textOf(made, rowOf(7, 3))).toEqual(['reading the names …']);
    expect([asked, names.takeIds()]).toEqual([1, new Map([['stacks', new Set([3])]])]);
    names.knowStacks('stacks', new Set([3]), new Map([[3, [KERNEL, 0x401000n]]]));
    expect(textOf(made, rowOf(7, 3))).toEqual(['0xffffffff80001000 ← 0x401000']);
    const wanted = names.takeAddresses();
    expect(wanted).toEqual([
      { address: KERNEL, process: 0 },
      { address: 0x401000n, process: 7 }
    ]);
    const [inKernel, inProgram] = wanted;
    if (inKernel) names.know(inKernel, { name: 'vfs_read', kind: 'kernel', origin: 'ext4', is_known: true });
    if (inProgram) names.know(inProgram, { name: '[burner]', kind: 'user', origin: 'burner', is_known: false });
    expect(textOf(made, rowOf(7, 3))).toEqual(['vfs_read [ext4] ← 0x401000 [burner]']);
    expect(names.isWanting).toBe(false);
    // The same address of another process is another function.
    expect(textOf(made, rowOf(8, 3))).toEqual(['vfs_read [ext4] ← 0x401000']);
    expect(names.takeAddresses()).toEqual([{ address: 0x401000n, process: 8 }]);
  });

  it('says why there is no stack', () => {
    const names = new StackNames(() => undefined);
    const own = columns({ pid: 1, kstack_id: 1 });
    const made = stackColumns(own, recordStacks(own, [mapOf('stacks')]), names);
    const text = (id: number): string => textOf(made, rowOf(7, id))[0] ?? '';
    expect(text(-17)).toContain('-EEXIST');
    expect(text(-14)).toContain('-EFAULT');
    expect(text(5)).toBe('reading the names …');
    for (const [map, ids] of names.takeIds()) names.knowStacks(map, ids, new Map());
    expect(text(5)).toContain('not in the map');
    expect(names.isWanting).toBe(false);
  });

  it('ends a stack in the record at its first 0, and takes a name that is free', () => {
    const names = new StackNames(() => undefined);
    const own = columns({ kstack: 3 });
    const made = stackColumns(own, recordStacks(own, []), names);
    expect(made.map(column => column.spec.name)).toEqual(['@kstack']);
    expect(textOf(made, rowOf(...kernelWords, 0, 0, ...kernelWords))).toEqual(['0xffffffff80001000']);
    expect(textOf(made, rowOf(0, 0, 0, 0, 0, 0))).toEqual(['']);
  });

  it('reads the process from what bpf_get_current_pid_tgid() gives', () => {
    const names = new StackNames(() => undefined);
    const own = columns({ pid_tgid: 2, ustack: 3 });
    const made = stackColumns(own, recordStacks(own, []), names);
    textOf(made, rowOf(99, 42, 0x401000, 0, 0, 0, 0, 0));
    expect(names.takeAddresses()).toEqual([{ address: 0x401000n, process: 42 }]);
  });
});
