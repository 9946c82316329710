import type { HistoryPart } from 'kernel-gateway/protocol';
import { describe, expect, it } from 'vitest';
import { heatAt, heatCells, heatLayout } from './heat-geometry.js';

const course = (gained: (number | null)[][]): HistoryPart => ({
  kind: 'heat',
  unit: 'us',
  series: gained.map((_, index) => ({
    name: String(index),
    low: String(2 ** index),
    high: String(2 ** (index + 1) - 1)
  })),
  omitted: 0,
  is_whole: true,
  at_ms: (gained[0] ?? []).map((_, index) => index * 1000),
  gained
});

describe('a heat map', () => {
  const data = course([
    [null, 0, 0],
    [null, 1, 100],
    [null, 0, 0],
    [null, 10, 0],
    [null, 0, 0]
  ]);
  const layout = heatLayout(data, 676);

  it('shows the buckets from the first to the last that had a value', () => {
    expect(layout.rows.map(row => [row.from, row.to])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3]
    ]);
    expect(layout.most).toBe(100);
  });

  it('has a cell for each that is not empty, the fullest the strongest, the lowest bucket at the bottom', () => {
    const cells = heatCells(layout);
    expect(cells).toHaveLength(3);
    expect(Math.max(...cells.map(cell => cell.strength))).toBe(1);
    expect(Math.min(...cells.map(cell => cell.strength))).toBeGreaterThan(0.12);
    const [low, , high] = cells;
    expect(low!.y).toBeGreaterThan(high!.y);
  });

  it('knows what is under the pointer', () => {
    for (const [bucket, sample] of [
      [1, 2],
      [3, 1]
    ] as const) {
      const x = layout.leftPx + (sample + 0.5) * layout.columnPx;
      const y = (3 - bucket + 0.5) * layout.rowPx;
      expect(heatAt(layout, { x, y })).toMatchObject({ row: { from: bucket }, sample });
    }
    expect(heatAt(layout, { x: 3, y: 3 })).toBeNull();
    expect(heatAt(layout, { x: layout.leftPx + 5, y: layout.heightPx - 1 })).toBeNull();
  });

  it('of nothing is drawn all the same', () => {
    const empty = course([]);
    expect(heatCells(heatLayout(empty, 300))).toEqual([]);
  });

  it('of 4096 buckets has neighbors share a line, and counts all of them', () => {
    const many = heatLayout(course(Array.from({ length: 4096 }, () => [null, 1])), 600);
    expect(many.heightPx).toBeLessThan(400);
    expect(many.rows.reduce((sum, row) => sum + (row.values[1] ?? 0), 0)).toBe(4096);
    expect(many.rows.at(-1)?.to).toBe(4095);
  });
});
