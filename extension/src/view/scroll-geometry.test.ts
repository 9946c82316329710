import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentPx, MAX_CONTENT_PX, scrollLayout, scrollTopFor } from './scroll-geometry.js';

const state = fc.record({
  totalRows: fc.nat({ max: 50_000_000 }),
  rowPx: fc.constant(20),
  viewPx: fc.integer({ min: 60, max: 1200 }),
  scrollTopPx: fc.nat({ max: MAX_CONTENT_PX })
});

describe('scrollLayout', () => {
  it('draws the rows in view of a short list', () => {
    expect(scrollLayout({ totalRows: 100, rowPx: 20, viewPx: 100, scrollTopPx: 205 }, 2)).toEqual({
      first: 8,
      count: 10,
      abovePx: 160,
      belowPx: 100 * 20 - 160 - 200
    });
  });

  it('draws no rows of an empty list', () => {
    expect(scrollLayout({ totalRows: 0, rowPx: 20, viewPx: 100, scrollTopPx: 0 }, 5)).toEqual({
      first: 0,
      count: 0,
      abovePx: 0,
      belowPx: 0
    });
  });

  it('covers the view with rows that exist, at any position in any list', () => {
    fc.assert(
      fc.property(state, fc.integer({ min: 0, max: 20 }), (scroll, overscan) => {
        const layout = scrollLayout(scroll, overscan);
        expect(layout.first).toBeGreaterThanOrEqual(0);
        expect(layout.first + layout.count).toBeLessThanOrEqual(scroll.totalRows);
        expect(layout.count).toBeLessThanOrEqual(Math.ceil(scroll.viewPx / 20) + 1 + 2 * overscan);
        const topPx = Math.min(scroll.scrollTopPx, Math.max(0, contentPx(scroll) - scroll.viewPx));
        const bottomPx = Math.min(topPx + scroll.viewPx, contentPx(scroll));
        expect(layout.abovePx).toBeLessThanOrEqual(topPx + 0.001);
        expect(layout.abovePx + layout.count * 20).toBeGreaterThanOrEqual(bottomPx - 0.001);
      })
    );
  });

  it('reaches the first and the last of more rows than a browser can lay out', () => {
    const scroll = { totalRows: 10_000_000, rowPx: 20, viewPx: 240 };
    expect(scrollLayout({ ...scroll, scrollTopPx: 0 }, 0).first).toBe(0);
    const last = scrollLayout({ ...scroll, scrollTopPx: MAX_CONTENT_PX }, 0);
    expect(last.first + last.count).toBe(10_000_000);
  });
});

describe('scrollTopFor', () => {
  it('leaves the position when the row is in view', () => {
    expect(scrollTopFor(6, { totalRows: 100, rowPx: 20, viewPx: 100, scrollTopPx: 100 })).toBe(100);
  });

  it('brings any row into view', () => {
    fc.assert(
      fc.property(state, fc.nat(), (scroll, pick) => {
        fc.pre(scroll.totalRows > 0);
        const row = pick % scroll.totalRows;
        const scrollTopPx = scrollTopFor(row, scroll);
        const { first, count } = scrollLayout({ ...scroll, scrollTopPx }, 1);
        expect(row).toBeGreaterThanOrEqual(first);
        expect(row).toBeLessThan(first + count);
      })
    );
  });
});
