import { describe, expect, it } from 'vitest';
import { recognizeHistogram } from '../decode/recognize-histogram.js';
import type { MapSpec } from '../object/object-spec.js';
import type { TypeTable } from '../object/type-table.js';
import { createMapStore, type MapStore } from './map-store.js';
import { recordPayload } from './record-payload.js';

const types: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'unsigned int', size: 4, encoding: 'unsigned' },
    { kind: 'int', name: 'long long', size: 8, encoding: 'signed' },
    {
      kind: 'struct',
      name: 'value',
      size: 16,
      members: [
        { name: 'pid', type: 1, bitOffset: 0, bitSize: 0 },
        { name: 'total', type: 2, bitOffset: 64, bitSize: 0 }
      ]
    },
    { kind: 'struct', name: 'key', size: 4, members: [{ name: 'pid', type: 1, bitOffset: 0, bitSize: 0 }] },
    { kind: 'array', element: 1, count: 27 },
    { kind: 'struct', name: 'hist', size: 108, members: [{ name: 'slots', type: 5, bitOffset: 0, bitSize: 0 }] }
  ]
};

const map = (change: Partial<MapSpec>): MapSpec => ({
  ...{ name: 'm', type: 'hash', keySize: 4, valueSize: 8, maxEntries: 64, flags: 0, keyType: 1, valueType: 2 },
  ...{ records: [], inner: null, pinByName: false },
  ...change
});

function fill(store: MapStore, entries: Uint8Array[]): void {
  store.begin();
  store.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, entries));
  store.commit();
}

/** u32 key, then 64-bit words. */
function entry(key: number, ...values: bigint[]): Uint8Array {
  const bytes = new Uint8Array(4 + values.length * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, key, true);
  values.forEach((value, index) => view.setBigInt64(4 + index * 8, value, true));
  return bytes;
}

/** u32 key, then u32 slots. */
function slots(key: number, counts: number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 27 * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, key, true);
  counts.forEach((count, index) => view.setUint32(4 + index * 4, count, true));
  return bytes;
}

describe('MapStore', () => {
  it('has key columns, then value columns', () => {
    const store = createMapStore({ types, map: map({}), cpus: 2 });
    expect(store.columns.map(({ name, role }) => [name, role])).toEqual([
      ['key', 'key'],
      ['value', 'value']
    ]);
    fill(store, [entry(7, -5n), entry(8, 6n)]);
    expect(store.snapshot(10)).toMatchObject({
      total_rows: '2',
      rows: [
        ['7', '-5'],
        ['8', '6']
      ]
    });
  });

  it('tells a name that key and value both have apart', () => {
    const store = createMapStore({ types, map: map({ keyType: 4, valueType: 3, valueSize: 16 }), cpus: 1 });
    expect(store.columns.map(column => column.name)).toEqual(['key.pid', 'value.pid', 'total']);
  });

  it('replaces its entries by each complete read, and shows no half of one', () => {
    const store = createMapStore({ types, map: map({}), cpus: 1 });
    fill(store, [entry(1, 1n), entry(2, 2n)]);
    store.begin();
    store.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, [entry(9, 9n)]));
    expect(store.snapshot(10).rows).toHaveLength(2);
    store.commit();
    expect(store.snapshot(10).rows).toEqual([['9', '9']]);
    store.begin();
    store.commit();
    expect(store.totalRows).toBe(0n);
  });

  it('keeps its version when a read brings the same', () => {
    const store = createMapStore({ types, map: map({}), cpus: 1 });
    fill(store, [entry(1, 1n)]);
    const { version } = store;
    fill(store, [entry(1, 1n)]);
    expect(store.version).toBe(version);
    fill(store, [entry(1, 2n)]);
    expect(store.version).toBeGreaterThan(version);
  });

  it('gives the bytes of an entry for editing it', () => {
    const store = createMapStore({ types, map: map({}), cpus: 1 });
    fill(store, [entry(3, 1n)]);
    expect(store.entry(0)).toEqual({ key: entry(3), value: entry(3, 1n).slice(4) });
    expect(store.entry(1)).toBeNull();
  });

  it('shows keys and values of unknown types by their size', () => {
    const store = createMapStore({ types, map: map({ keyType: 0, valueType: 0, valueSize: 3 }), cpus: 1 });
    fill(store, [new Uint8Array([1, 0, 0, 0, 7, 8, 9])]);
    expect(store.snapshot(1).rows).toEqual([['1', '[7, 8, 9]']]);
  });
});

describe('per-CPU maps', () => {
  it('show the sum over all CPUs, then each CPU', () => {
    const store = createMapStore({ types, map: map({ type: 'percpu_hash' }), cpus: 3 });
    fill(store, [entry(1, 5n, -7n, 1n)]);
    expect(store.columns.map(column => column.name)).toEqual(['key', 'value', 'value@0', 'value@1', 'value@2']);
    expect(store.snapshot(1).rows).toEqual([['1', '-1', '5', '-7', '1']]);
  });

  it('carry sums beyond 32 bits', () => {
    const store = createMapStore({ types, map: map({ type: 'percpu_array', valueType: 1, valueSize: 4 }), cpus: 2 });
    fill(store, [entry(0, 0xffffffffn, 0xffffffffn)]);
    expect(store.snapshot(1).rows[0]?.[1]).toBe('8589934590');
  });

  it('show many CPUs in one column of text', () => {
    const store = createMapStore({ types, map: map({ type: 'percpu_hash' }), cpus: 200 });
    fill(store, [entry(1, ...Array.from({ length: 200 }, () => 2n))]);
    expect(store.columns.map(column => column.name)).toEqual(['key', 'value', 'value@cpus']);
    expect(store.snapshot(1).rows[0]?.slice(0, 2)).toEqual(['1', '400']);
    expect(store.snapshot(1).rows[0]?.[2]).toMatch(/^\[2, 2, .*2\]$/);
  });
});

describe('histograms of maps', () => {
  it('take each entry of an array as a slot', () => {
    const spec = map({ name: 'latency_us_hist', type: 'percpu_array', maxEntries: 27 });
    const store = createMapStore({ types, map: spec, cpus: 2, histogram: recognizeHistogram(types, spec) });
    fill(store, [entry(0, 1n, 0n), entry(1, 0n, 0n), entry(2, 2n, 2n), entry(3, 0n, 0n)]);
    expect(store.histograms()).toEqual([
      {
        key: '',
        scale: 'log2',
        unit: 'usecs',
        buckets: [
          { low: '0', high: '1', count: '1' },
          { low: '2', high: '3', count: '0' },
          { low: '4', high: '7', count: '4' }
        ]
      }
    ]);
    expect(store.text(10)).toBe(
      [
        '     usecs               : count     distribution',
        '         0 -> 1          : 1        |**********                              |',
        '         2 -> 3          : 0        |                                        |',
        '         4 -> 7          : 4        |****************************************|'
      ].join('\n')
    );
  });

  it('give one per key when the value has the slots, those with the most values first', () => {
    const spec = map({ name: 'hists', keyType: 4, valueType: 6, valueSize: 108 });
    const store = createMapStore({ types, map: spec, cpus: 1, histogram: recognizeHistogram(types, spec) });
    fill(store, [slots(10, [1]), slots(20, [0, 5, 2])]);
    expect(store.histograms()?.map(({ key, buckets }) => [key, buckets.length])).toEqual([
      ['20', 3],
      ['10', 1]
    ]);
    expect(store.text(10)).toMatch(/^pid = 20\n {5} {20}: count {5}distribution\n[^]*\n\npid = 10\n/);
  });

  it('say that there is nothing yet', () => {
    const spec = map({ name: 'dist', type: 'array', maxEntries: 64 });
    const store = createMapStore({ types, map: spec, cpus: 1, histogram: recognizeHistogram(types, spec) });
    expect(store.text(10)).toBe('(no values yet)');
  });
});
