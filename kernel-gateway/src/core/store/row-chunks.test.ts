import { describe, expect, it } from 'vitest';
import { event, windowCells, windowRequest } from '../../../../test/fixtures/event-rows.mjs';
import { columnCells, eventStore } from '../../../../test/fixtures/event-store.js';

const MIB = 1024 * 1024;
const big = Array.from({ length: 300_000 }, (_unused, index) => event({ pid: index }));

/** A spill that holds so many bytes. */
function memorySpill(room = Infinity) {
  const kept = new Map<number, Uint8Array>();
  const spill = {
    put: (chunk: number, bytes: Uint8Array): boolean => {
      const used = [...kept.values()].reduce((sum, one) => sum + one.length, 0);
      if (used + bytes.length > room) return false;
      kept.set(chunk, bytes.slice());
      return true;
    },
    get: (chunk: number) => kept.get(chunk)?.slice() ?? null,
    drop: (chunk: number) => void kept.delete(chunk)
  };
  return { spill, kept };
}

describe('limits', () => {
  const many = Array.from({ length: 5000 }, (_unused, index) => event({ pid: index }));

  it('evict the oldest rows one by one and count them', () => {
    const made = eventStore(many, { limits: { maxRows: 1000 } });
    expect(made.totalRows).toBe(5000n);
    expect(made.losses.evicted).toBe('4000');
    expect(made.window(windowRequest()).message).toMatchObject({ matching: '1000', total: '5000' });
    expect(columnCells(made, 'pid', { count: 1 })).toEqual(['4000']);
  });

  it('bound the bytes', () => {
    const made = eventStore(many, { limits: { maxBytes: 128 * 1024 } }, 100);
    const kept = 5000 - Number(made.losses.evicted);
    expect(kept * 48).toBeLessThanOrEqual(128 * 1024);
    expect(kept).toBeGreaterThan(1000);
    expect(columnCells(made, 'pid', { follow: true, count: 1 })).toEqual(['4999']);
  });

  it('spill what memory does not hold, and read it back', () => {
    const { spill, kept } = memorySpill();
    const made = eventStore(big, { spill, limits: { memoryBytes: 5 * MIB, maxBytes: 12 * MIB } }, 2000);
    expect(kept.size).toBeGreaterThan(0);
    const evicted = Number(made.losses.evicted);
    expect(evicted).toBeGreaterThan(0);
    expect(columnCells(made, 'pid', { count: 2 })).toEqual([String(evicted), String(evicted + 1)]);
    expect(columnCells(made, 'pid', { count: 1, sort: { column: 'pid', descending: true } })).toEqual(['299999']);
    expect(columnCells(made, 'pid', { count: 1, sort: { column: 'comm', descending: false } })).toEqual([
      String(evicted)
    ]);
    made.drop();
    expect(kept.size).toBe(0);
  });

  it('know number, time and bytes of spilled rows', () => {
    const { spill } = memorySpill();
    const made = eventStore(big, { spill, limits: { memoryBytes: 5 * MIB } }, 1500);
    expect(made.losses.evicted).toBe('0');
    const wanted = { columns: ['seq', 'time', 'pid'], count: 3 };
    // The time of a payload is the number of its first row here.
    expect(windowCells(made, { ...wanted, first: 1499 })).toEqual([
      ['1499', '0', '1499'],
      ['1500', '1500', '1500'],
      ['1501', '1500', '1501']
    ]);
    const where = 'pid in (5, 150000, 299999)';
    expect(windowCells(made, { ...wanted, where, sort: { column: 'pid', descending: true } })).toEqual([
      ['299999', '298500', '299999'],
      ['150000', '150000', '150000'],
      ['5', '0', '5']
    ]);
  });

  it('evict the oldest when the spill takes no more', () => {
    const { spill, kept } = memorySpill(5 * MIB);
    const made = eventStore(big, { spill, limits: { memoryBytes: 5 * MIB } }, 2000);
    const evicted = Number(made.losses.evicted);
    expect(kept.size).toBeGreaterThan(0);
    expect(evicted).toBeGreaterThan(0);
    expect(columnCells(made, 'pid', { count: 1 })).toEqual([String(evicted)]);
    expect(columnCells(made, 'pid', { follow: true, count: 1 })).toEqual(['299999']);
  });

  it('evict instead when nothing can be spilled', () => {
    const { spill } = memorySpill(0);
    const made = eventStore(big, { spill, limits: { memoryBytes: 5 * MIB } }, 2000);
    expect(Number(made.losses.evicted)).toBeGreaterThan(0);
    expect(columnCells(made, 'pid', { follow: true, count: 1 })).toEqual(['299999']);
  });

  it('count spilled rows that cannot be read back as evicted', () => {
    const { spill, kept } = memorySpill();
    const made = eventStore(big, { spill, limits: { memoryBytes: 5 * MIB } }, 2000);
    kept.clear();
    expect(made.losses.evicted).toBe('0');
    const first = Number(columnCells(made, 'pid', { count: 1 })[0]);
    expect(first).toBeGreaterThan(0);
    expect(made.losses.evicted).toBe(String(first));
    expect(made.window(windowRequest({ where: 'pid >= 0' })).message.matching).toBe(String(300_000 - first));
  });
});
