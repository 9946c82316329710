import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { columnsOf } from '../decode/columns-of.js';
import type { ObjectSpec } from './object-spec.js';
import { readObject } from './read-object.js';
import { findType, typeName } from './type-layout.js';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../../test/fixtures/objects/${name}`, import.meta.url));
const shapes = readObject(fixture('shapes.o'));

const records = (spec: ObjectSpec): Record<string, string[]> =>
  Object.fromEntries(
    spec.maps
      .filter(map => map.type === 'ringbuf' || map.type === 'perf_event_array')
      .map(map => [map.name, map.records.map(record => `${record.found} ${typeName(spec.types, record.type)}`)])
  );

describe('readObject', () => {
  it('reads programs by the rules of libbpf', () => {
    expect(
      shapes.programs.map(({ name, type, attachTarget, optional }) => [name, type, attachTarget, optional])
    ).toEqual([
      ['first', 'tracepoint', 'sched/sched_switch', false],
      ['second', 'tracing', 'do_unlinkat', true],
      ['third', 'xdp', '', false],
      ['fourth', 'unknown', 'x', false]
    ]);
    expect(shapes.license).toBe('Dual BSD/GPL');
  });

  it('leaves subprograms out', () => {
    const names = readObject(fixture('rings.o')).programs.map(program => program.name);
    expect(names).toContain('subprogram');
    expect(names).not.toContain('send');
    expect(names).not.toContain('each');
  });

  it('gives each instruction its line of C', () => {
    const lines = shapes.programs[0]?.lines ?? [];
    expect(lines[0]).toMatchObject({
      insn: 0,
      text: '\t__sync_fetch_and_add(&seen, hidden + LINUX_KERNEL_VERSION + custom);'
    });
    expect(lines[0]?.file).toMatch(/shapes\.bpf\.c$/);
    expect(lines.every((line, index) => index === 0 || line.insn >= (lines[index - 1]?.insn ?? 0))).toBe(true);
  });

  it('reads BTF-defined maps with flags, pinning and inner maps', () => {
    const [table, outer, pinned] = shapes.maps;
    expect(table).toMatchObject({
      name: 'table',
      type: 'hash',
      keySize: 8,
      valueSize: 144,
      maxEntries: 1024,
      flags: 1
    });
    expect(typeName(shapes.types, table!.valueType)).toBe('struct everything');
    expect(outer).toMatchObject({
      type: 'hash_of_maps',
      valueSize: 4,
      inner: { type: 'hash', valueSize: 8, maxEntries: 16 }
    });
    expect(pinned).toMatchObject({ type: 'percpu_array', keySize: 4, valueSize: 24, pinByName: true, valueType: 0 });
  });

  it('reads globals of all data sections with their initial bytes', () => {
    const globals = new Map(shapes.globals.map(global => [global.name, global]));
    expect(globals.get('min_ns')).toMatchObject({ section: '.rodata', isConst: true, size: 8 });
    expect([...globals.get('min_ns')!.initial]).toEqual([0xe8, 3, 0, 0, 0, 0, 0, 0]);
    expect(globals.get('hidden')).toMatchObject({ section: '.data', offset: 4, isConst: false });
    expect(globals.get('custom')).toMatchObject({ section: '.data.custom', offset: 0 });
    expect(globals.get('latest')).toMatchObject({ section: '.bss', offset: 16, size: 144 });
    expect(globals.get('latest')?.initial.every(byte => byte === 0)).toBe(true);
  });

  it('lists externs', () => {
    expect(shapes.externs).toEqual([
      { name: 'LINUX_KERNEL_VERSION', kind: 'kconfig', weak: false, asked: false, isFunction: false },
      { name: 'CONFIG_BPF_LSM', kind: 'kconfig', weak: true, asked: true, isFunction: false },
      { name: 'init_pid_ns', kind: 'ksym', weak: true, asked: true, isFunction: false }
    ]);
  });

  it('keeps types as the user wrote them', () => {
    const type = findType(shapes.types, 'struct everything');
    const columns = columnsOf(shapes.types, type ?? 0).map(({ spec }) => `${spec.name} ${spec.kind} ${spec.c_type}`);
    expect(columns).toContain('time_ns u64 __u64');
    expect(columns).toContain('wide text enum wide');
    expect(columns).toContain('number.high u64 __u16');
    expect(columns).toContain('long_bits u64 __u64 : 40');
    expect(columns).toContain('grid text __s16[2][3]');
    expect(columns).toContain('huge text unsigned __int128');
  });
});

describe('record types', () => {
  it.each(['rings.o', 'rings-dwarf4.o'])('are found for every way of writing a record in %s', name => {
    const spec = readObject(fixture(name));
    expect(records(spec)).toEqual({
      reserved: ['reserve struct exec_event'],
      sent: ['output struct stack_event'],
      perf: ['output struct stack_event', 'output struct'],
      inlined: ['reserve struct exec_event'],
      by_subprogram: ['output struct stack_event'],
      returned: ['reserve struct exit_event'],
      two_types: ['output struct exit_event', 'reserve struct exec_event'],
      heap_ring: ['output struct long_event'],
      from_global: ['output struct exit_event'],
      member_ring: ['output struct exit_event'],
      unnamed: ['reserve packet_t'],
      dynamic: ['reserve struct exit_event'],
      words: ['output __u64[3]'],
      silent: [],
      called_back: ['output struct stack_event'],
      spilled: ['reserve struct exec_event'],
      hinted: ['hint struct exit_event']
    });
    const inner = spec.maps.find(map => map.name === 'rings')?.inner;
    expect(inner?.records.map(record => typeName(spec.types, record.type))).toEqual(['struct exit_event']);
  });

  it('carry the size that the call gives, 0 when it is not constant', () => {
    const maps = new Map(readObject(fixture('rings.o')).maps.map(map => [map.name, map.records[0]?.sizeBytes]));
    expect(maps.get('reserved')).toBe(32);
    expect(maps.get('heap_ring')).toBe(0);
  });
});

describe('types of the program', () => {
  it('can be named for a ring of which nothing says what it carries', () => {
    const { types } = readObject(fixture('rings.o'));
    const type = findType(types, 'struct exec_event') ?? 0;
    expect(columnsOf(types, type).map(({ spec }) => spec.name)).toEqual([
      'header.kind',
      'header.size',
      'time_ns',
      'comm'
    ]);
    expect(findType(types, 'packet_t')).not.toBeNull();
    expect(findType(types, 'struct nobody')).toBeNull();
  });
});

describe('broken objects', () => {
  const originals = ['shapes.o', 'rings.o', 'rings-dwarf4.o'].map(fixture);
  const read = (bytes: Uint8Array): void => {
    try {
      const spec = readObject(bytes);
      for (const map of spec.maps) for (const id of [map.keyType, map.valueType]) columnsOf(spec.types, id);
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'BPFLAB_OBJECT_INVALID') throw error;
    }
  };

  it.each([
    [new Uint8Array(0), /it is not an ELF file/],
    [new Uint8Array(4096).fill(0x41), /it is not an ELF file/],
    [originals[0]!.subarray(0, 3000), /end after the file/]
  ])('are refused with the reason', (bytes, reason) => {
    expect(() => readObject(bytes)).toThrow(reason);
  });

  it('of another machine are refused by its number', () => {
    const bytes = new Uint8Array(originals[0]!);
    bytes[18] = 62;
    expect(() => readObject(bytes)).toThrow('The BPF object cannot be read: its machine is 62, not BPF (247).');
  });

  it('never crash the reader, whatever bytes are changed', () => {
    const change = fc.record({ at: fc.integer({ min: 0, max: 65_535 }), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.nat(2), fc.array(change, { minLength: 1, maxLength: 40 }), (which, changes) => {
        const bytes = new Uint8Array(originals[which]!);
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
        read(bytes);
      }),
      { numRuns: 300, seed: 19 }
    );
  });

  it('never crash the reader, wherever they end', () => {
    const [shape] = originals;
    fc.assert(
      fc.property(fc.nat(shape!.length), length => read(shape!.subarray(0, length))),
      { numRuns: 100, seed: 7 }
    );
  });
});
