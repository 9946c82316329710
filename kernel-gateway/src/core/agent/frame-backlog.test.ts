import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameBacklog } from './frame-backlog.js';

const frame = (number: number, length = 10): Uint8Array => new Uint8Array(length).fill(number);

describe('FrameBacklog', () => {
  it('gives what was missed, and forgets what was not', () => {
    const backlog = new FrameBacklog(1000);
    for (const number of [1, 2, 3]) backlog.add(frame(number));
    expect(backlog.after(1n)).toEqual([frame(2), frame(3)]);
    expect(backlog.bytes).toBe(20);
    expect(backlog.after(3n)).toEqual([]);
    expect(backlog.after(2n)).toBeNull();
  });

  it('says when the other side cannot be brought up to date', () => {
    const backlog = new FrameBacklog(25);
    for (const number of [1, 2, 3]) backlog.add(frame(number));
    expect(backlog.after(0n)).toBeNull();
    expect(backlog.after(4n)).toBeNull();
    expect(backlog.after(1n)).toEqual([frame(2), frame(3)]);
  });

  it('keeps the newest frame however large, and no more than its limit besides', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 })), fc.integer({ min: 1, max: 500 }), (lengths, limit) => {
        const backlog = new FrameBacklog(limit);
        for (const [index, length] of lengths.entries()) backlog.add(frame(index, length));
        expect(backlog.bytes).toBeLessThanOrEqual(Math.max(limit, lengths.at(-1) ?? 0));
        expect(backlog.after(BigInt(lengths.length))).toEqual([]);
      })
    );
  });
});
