import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATA_HEADER_BYTES } from '../../protocol/index.js';
import { recordPayload } from '../store/record-payload.js';
import { TimeMerge } from './time-merge.js';

const payload = (seq: number, monoUs: number): Uint8Array =>
  recordPayload({ seq, lost: 0n, monoNs: BigInt(monoUs) * 1000n }, [new Uint8Array(4)]);

interface Delivered {
  node: number;
  seq: number;
  timeUs: number;
}

function merge(maxBytes = 1 << 20): { merge: TimeMerge; got: Delivered[] } {
  const got: Delivered[] = [];
  const made = new TimeMerge({
    maxBytes,
    deliver: (bytes, node) => {
      const header = new DataView(bytes.buffer, bytes.byteOffset, DATA_HEADER_BYTES);
      got.push({
        node,
        seq: Number(header.getBigUint64(0, true)),
        timeUs: Number(header.getBigUint64(16, true) / 1000n)
      });
    }
  });
  return { merge: made, got };
}

describe('TimeMerge', () => {
  it('orders what nodes with different clocks have sent', () => {
    const { merge: merged, got } = merge();
    merged.push(payload(0, 1000), 0, 0n);
    // The clock of node 1 is 5 ms behind.
    merged.push(payload(0, 500), 1, -5_000_000n + 5_000_000n);
    merged.push(payload(1, 700), 1, 0n);
    merged.release(800);
    expect(got.map(({ node, seq }) => [node, seq])).toEqual([
      [1, 0],
      [1, 1]
    ]);
    merged.flush();
    expect(got.at(-1)).toMatchObject({ node: 0 });
    expect(merged.heldBytes).toBe(0);
  });

  it('goes on without a slow node, and says how far behind its payloads come', () => {
    const late: [number, number][] = [];
    const seqs: [number, number][] = [];
    const merged = new TimeMerge({
      maxBytes: 1 << 20,
      deliver: (bytes, node) => seqs.push([node, Number(new DataView(bytes.buffer).getBigUint64(0, true))]),
      late: (node, byUs) => late.push([node, byUs])
    });
    merged.push(payload(0, 1000), 0, 0n);
    merged.push(payload(1, 2000), 0, 0n);
    merged.release(2000);
    merged.push(payload(0, 500), 1, 0n);
    merged.push(payload(1, 2500), 1, 0n);
    merged.push(payload(2, 2500), 0, 0n);
    merged.flush();
    expect(late).toEqual([[1, 1500]]);
    expect(seqs).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 2]
    ]);
  });

  it('copies the bytes: the sender uses them again', () => {
    const { merge: merged, got } = merge();
    const bytes = payload(7, 10);
    merged.push(bytes, 0, 0n);
    bytes.fill(0);
    merged.flush();
    expect(got[0]?.seq).toBe(7);
  });

  it('keeps the order of one node when its clock is measured anew', () => {
    const { merge: merged, got } = merge();
    merged.push(payload(0, 100), 0, 1_000_000n);
    merged.push(payload(1, 200), 0, 0n);
    merged.flush();
    expect(got.map(({ seq }) => seq)).toEqual([0, 1]);
  });

  it('delivers every payload once, each node in order, ordered by time where nothing came too late', () => {
    const sent = fc.array(fc.record({ node: fc.nat(4), stepUs: fc.integer({ min: 1, max: 50 }) }), { maxLength: 200 });
    fc.assert(
      fc.property(sent, fc.integer({ min: 200, max: 100_000 }), (steps, maxBytes) => {
        const { merge: merged, got } = merge(maxBytes);
        const next = new Map<number, { seq: number; timeUs: number }>();
        for (const { node, stepUs } of steps) {
          const before = next.get(node) ?? { seq: 0, timeUs: 0 };
          merged.push(payload(before.seq, before.timeUs + stepUs), node, 0n);
          next.set(node, { seq: before.seq + 1, timeUs: before.timeUs + stepUs });
          expect(merged.heldBytes).toBeLessThanOrEqual(maxBytes);
        }
        merged.flush();
        expect(got).toHaveLength(steps.length);
        for (const node of next.keys()) {
          const seqs = got.filter(one => one.node === node).map(one => one.seq);
          expect(seqs).toEqual(seqs.map((_seq, index) => index));
        }
      })
    );
  });
});
