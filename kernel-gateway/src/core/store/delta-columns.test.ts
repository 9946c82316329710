import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowCells, windowRequest } from '../../../../test/fixtures/event-rows.mjs';
import type { MapSpec } from '../object/object-spec.js';
import type { TypeTable } from '../object/type-table.js';
import { createMapStore, type MapStore } from './map-store.js';
import { recordPayload } from './record-payload.js';

/** Key u32; value { u64 count; double load; }. */
const types: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'unsigned int', size: 4, encoding: 'unsigned' },
    { kind: 'int', name: 'unsigned long long', size: 8, encoding: 'unsigned' },
    { kind: 'float', name: 'double', size: 8 },
    {
      kind: 'struct',
      name: 'value',
      size: 16,
      members: [
        { name: 'count', type: 2, bitOffset: 0, bitSize: 0 },
        { name: 'load', type: 3, bitOffset: 64, bitSize: 0 }
      ]
    }
  ]
};
const map: MapSpec = {
  ...{ name: 'm', type: 'hash', keySize: 4, valueSize: 16, maxEntries: 64, flags: 0, keyType: 1, valueType: 4 },
  ...{ records: [], inner: null, pinByName: false }
};

type Entries = readonly (readonly [key: number, count: bigint])[];

function read(store: MapStore, entries: Entries): void {
  const records = entries.map(([key, count]) => {
    const bytes = new Uint8Array(20);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, key, true);
    view.setBigUint64(4, count, true);
    view.setFloat64(12, Number(count) / 2, true);
    return bytes;
  });
  store.begin();
  for (let at = 0; at < records.length; at += 1000) {
    store.append(recordPayload({ seq: at, lost: 0n, monoNs: 0n }, records.slice(at, at + 1000)));
  }
  store.commit();
}

const gains = (store: MapStore): string[][] => windowCells(store, { columns: ['key', 'Δcount', 'Δload'] });

describe('what a map has gained', () => {
  it('is 0 at first, then the difference by key, in whatever order the entries come', () => {
    const store = createMapStore({ types, map, cpus: 1 });
    read(store, [
      [1, 10n],
      [2, 20n],
      [3, 2n ** 64n - 1n]
    ]);
    expect(gains(store).map(row => row[1])).toEqual(['0', '0', '0']);
    read(store, [
      [3, 4n],
      [1, 11n],
      [4, 7n],
      [2, 15n]
    ]);
    expect(gains(store)).toEqual([
      ['3', '5', String(2 - (2 ** 64 - 1) / 2)],
      ['1', '1', '0.5'],
      ['4', '7', '3.5'],
      ['2', '-5', '-2.5']
    ]);
  });

  it('is 0 again when nothing has changed, and that is a change', () => {
    const store = createMapStore({ types, map, cpus: 1 });
    read(store, [[1, 10n]]);
    gains(store);
    read(store, [[1, 12n]]);
    const sorted = { sort: { column: 'Δcount', descending: true }, columns: ['Δcount'] };
    expect(windowCells(store, sorted)).toEqual([['2']]);
    const before = store.version;
    read(store, [[1, 12n]]);
    expect(store.version).toBeGreaterThan(before);
    expect(windowCells(store, sorted)).toEqual([['0']]);
    const after = store.version;
    read(store, [[1, 12n]]);
    expect(store.version).toBe(after);
    read(store, [[1, 15n]]);
    expect(windowCells(store, sorted)).toEqual([['3']]);
  });

  it('is in no window that does not ask for it, and can be filtered by', () => {
    const store = createMapStore({ types, map, cpus: 1 });
    expect(store.columns.map(({ name }) => name)).toEqual(['key', 'count', 'load']);
    const busy = { where: 'Δcount > 5', columns: ['key'] };
    read(store, [
      [1, 1n],
      [2, 1n]
    ]);
    expect(windowCells(store, busy)).toEqual([]);
    read(store, [
      [1, 2n],
      [2, 9n]
    ]);
    expect(windowCells(store, busy)).toEqual([['2']]);
  });

  it('is that of every key, for any two reads', () => {
    const entries = fc.uniqueArray(fc.tuple(fc.nat(40), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), {
      selector: ([key]) => key,
      maxLength: 30
    });
    fc.assert(
      fc.property(entries, entries, (first, second) => {
        const store = createMapStore({ types, map, cpus: 1 });
        read(store, [...first, [99, 0n]]);
        gains(store);
        read(store, [...second, [99, 1n]]);
        const before = new Map<number, bigint>(first);
        expect(
          gains(store)
            .slice(0, -1)
            .map(row => row[1])
        ).toEqual(second.map(([key, count]) => String(BigInt.asIntN(64, count - (before.get(key) ?? 0n)))));
      }),
      { numRuns: 200 }
    );
  });

  it('sorts many entries that came in another order', () => {
    const store = createMapStore({ types, map, cpus: 1 });
    const many = Array.from({ length: 50_000 }, (_unused, key) => [key, BigInt(key)] as const);
    read(store, many);
    gains(store);
    read(
      store,
      many.map(([key]) => [49_999 - key, BigInt((49_999 - key) * 3)] as const)
    );
    const request = windowRequest({ sort: { column: 'Δcount', descending: true }, columns: ['Δcount'], count: 2 });
    expect(windowCells(store, request)).toEqual([['99998'], ['99996']]);
  });
});
