import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MapSpec } from '../object/object-spec.js';
import type { TypeTable } from '../object/type-table.js';
import { createMapStore } from '../store/map-store.js';
import { recordPayload } from '../store/record-payload.js';
import { editEntry, emptyEntry, mapEditing, type MapEntry, type MapShape } from './map-edit.js';

/** struct key { u32 pid; enum kind kind; }; struct value { u64 count; u32 pid; char comm[8]; u8 flag : 3; bool on; }; */
const types: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'unsigned int', size: 4, encoding: 'unsigned' },
    { kind: 'int', name: 'unsigned long long', size: 8, encoding: 'unsigned' },
    { kind: 'int', name: 'char', size: 1, encoding: 'char' },
    { kind: 'array', element: 3, count: 8 },
    {
      kind: 'enum',
      name: 'kind',
      size: 4,
      signed: false,
      values: [
        { name: 'READ', value: 1n },
        { name: 'WRITE', value: 2n }
      ]
    },
    {
      kind: 'struct',
      name: 'key',
      size: 8,
      members: [
        { name: 'pid', type: 1, bitOffset: 0, bitSize: 0 },
        { name: 'kind', type: 5, bitOffset: 32, bitSize: 0 }
      ]
    },
    {
      kind: 'struct',
      name: 'value',
      size: 24,
      members: [
        { name: 'count', type: 2, bitOffset: 0, bitSize: 0 },
        { name: 'pid', type: 1, bitOffset: 64, bitSize: 0 },
        { name: 'comm', type: 4, bitOffset: 96, bitSize: 0 },
        { name: 'flag', type: 1, bitOffset: 160, bitSize: 3 },
        { name: 'rest', type: 1, bitOffset: 163, bitSize: 29 }
      ]
    }
  ]
};

const spec = (over: Partial<MapSpec> = {}): MapSpec => ({
  name: 'counts',
  type: 'hash',
  keySize: 8,
  valueSize: 24,
  maxEntries: 64,
  flags: 0,
  keyType: 6,
  valueType: 7,
  records: [],
  inner: null,
  pinByName: false,
  ...over
});

/** The entry as the view of its map shows it. */
function shown(shape: MapShape, entry: MapEntry): Record<string, string> {
  const store = createMapStore(shape);
  const record = new Uint8Array([...entry.key, ...entry.value]);
  store.begin();
  store.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, [record]));
  store.commit();
  const row = store.snapshot(1).rows[0] ?? [];
  return Object.fromEntries(store.columns.map((column, index) => [column.name, row[index] ?? '']));
}

describe('an entry that is edited', () => {
  const shape: MapShape = { types, map: spec(), cpus: 2 };

  it('has what was written in its columns and nothing else changed', () => {
    const before = editEntry(shape, emptyEntry(shape), [
      { column: 'key.pid', text: '7' },
      { column: 'kind', text: 'WRITE' },
      { column: 'count', text: '0x10' },
      { column: 'value.pid', text: '9' },
      { column: 'comm', text: 'bash' },
      { column: 'flag', text: '5' },
      { column: 'rest', text: '77' }
    ]);
    const after = editEntry(shape, before, [{ column: 'flag', text: '2' }]);
    expect(shown(shape, after)).toEqual({
      'key.pid': '7',
      kind: 'WRITE',
      count: '16',
      'value.pid': '9',
      comm: 'bash',
      flag: '2',
      rest: '77'
    });
    expect(shown(shape, before)['flag']).toBe('5');
  });

  it('takes back whatever the view shows of it, texts with escapes between quotes', () => {
    const literal = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;
    // A backslash of the data is shown as it is, like the one of an escape.
    const bytes = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map(all => all.map(byte => (byte === 0x5c ? 0 : byte)));
    fc.assert(
      fc.property(bytes, all => {
        const texts = shown(shape, { key: all.slice(0, 8), value: all.slice(8) });
        const fields = Object.entries(texts).map(([column, text]) => ({
          column,
          text: column === 'comm' ? literal(text) : text
        }));
        expect(shown(shape, editEntry(shape, emptyEntry(shape), fields))).toEqual(texts);
      })
    );
  });

  it.each([
    ['count', 'many', /count: .*many/],
    ['kind', 'OPEN', /READ, WRITE/],
    ['flag', '9', /0 to 7/],
    ['comm', 'a name too long', /8/],
    ['nosuch', '1', /no column "nosuch"/]
  ])('says what is wrong with %s = %s', (column, text, message) => {
    expect(() => editEntry(shape, emptyEntry(shape), [{ column, text }])).toThrow(message);
  });

  it('of a per-CPU map is changed for one CPU, or as a sum', () => {
    const perCpu: MapShape = { types, map: spec({ type: 'percpu_hash' }), cpus: 2 };
    const one = editEntry(perCpu, emptyEntry(perCpu), [
      { column: 'count@0', text: '3' },
      { column: 'count@1', text: '4' },
      { column: 'value.pid', text: '8' }
    ]);
    expect(one.value).toHaveLength(48);
    expect(shown(perCpu, one)).toMatchObject({ count: '7', 'count@0': '3', 'count@1': '4', 'value.pid': '8' });
    const sum = editEntry(perCpu, one, [{ column: 'count', text: '100' }]);
    expect(shown(perCpu, sum)).toMatchObject({ count: '100', 'count@0': '100', 'count@1': '0' });
    expect(() => editEntry(perCpu, one, [{ column: 'count@2', text: '1' }])).toThrow('no column');
  });

  it('of types that nobody knows is written as numbers or bytes', () => {
    const untyped: MapShape = { types, map: spec({ keyType: 0, valueType: 0, keySize: 4, valueSize: 3 }), cpus: 1 };
    const entry = editEntry(untyped, emptyEntry(untyped), [
      { column: 'key', text: '258' },
      { column: 'value', text: '[1, 2, 0xff]' }
    ]);
    expect([...entry.key, ...entry.value]).toEqual([2, 1, 0, 0, 1, 2, 255]);
  });
});

describe('what may be done to a map', () => {
  it.each([
    ['hash', 0, { can_insert: true, can_delete: true, per_cpu: false }],
    ['percpu_array', 0, { can_insert: false, can_delete: false, per_cpu: true }],
    ['lru_percpu_hash', 0, { can_insert: true, can_delete: true, per_cpu: true }],
    ['hash', 8, null],
    ['stack_trace', 0, null],
    ['ringbuf', 0, null]
  ])('%s with flags %d', (type, flags, expected) => {
    expect(mapEditing(spec({ type, flags }))).toEqual(expected);
  });
});
