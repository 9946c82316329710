import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event, EVENT, eventBytes, eventTypes, windowCells } from '../../../../test/fixtures/event-rows.mjs';
import { recordPayload } from '../../core/store/record-payload.js';
import { createRecordStore } from '../../core/store/record-store.js';
import { SpillFile } from './spill-file.js';

const MIB = 1024 * 1024;
let folder: string;
let sentences: string[];
let spill: SpillFile;

const make = (where: string): SpillFile =>
  new SpillFile({ folder: where, onFull: sentence => sentences.push(sentence) });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpflab-spill-'));
  sentences = [];
  spill = make(folder);
});

afterEach(() => {
  spill.close();
  rmSync(folder, { recursive: true, force: true });
});

/** 300,000 rows, of which about 5 MiB stay in memory. */
function filled(limits = {}) {
  const made = createRecordStore({
    ...{ types: eventTypes, type: EVENT, source: 'ring', spill },
    limits: { memoryBytes: 5 * MIB, ...limits }
  });
  for (let seq = 0; seq < 300_000; seq += 2000) {
    const records = Array.from({ length: 2000 }, (_unused, index) => eventBytes(event({ pid: seq + index })));
    made.append(recordPayload({ seq, lost: 0n, monoNs: 0n }, records));
  }
  return made;
}

describe('SpillFile', () => {
  it('keeps rows of a store, and leaves no name in the folder', () => {
    const made = filled();
    expect(spill.size).toBeGreaterThan(5 * MIB);
    expect(readdirSync(folder)).toEqual([]);
    expect(made.losses.evicted).toBe('0');
    for (const first of [0, 100_000, 299_990]) {
      expect(windowCells(made, { first, count: 1, columns: ['pid'] })).toEqual([[String(first)]]);
    }
    expect(sentences).toEqual([]);
  });

  it('uses the space of dropped rows again', () => {
    filled({ maxBytes: 9 * MIB });
    expect(spill.size).toBeLessThan(9 * MIB);
  });

  it('says so when there is no folder, and the store goes on in memory', () => {
    spill = make(join(folder, 'gone'));
    const made = filled();
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toContain('ENOENT');
    const evicted = Number(made.losses.evicted);
    expect(evicted).toBeGreaterThan(0);
    expect(windowCells(made, { count: 1, columns: ['pid'] })).toEqual([[String(evicted)]]);
    expect(windowCells(made, { follow: true, count: 1, columns: ['pid'] })).toEqual([['299999']]);
  });

  it.runIf(process.getuid?.() === 0)('keeps the newest rows when the disk is full', () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
    try {
      const made = filled();
      expect(sentences).toHaveLength(1);
      expect(sentences[0]).toContain('ENOSPC');
      const evicted = Number(made.losses.evicted);
      expect(evicted).toBeGreaterThan(0);
      expect(evicted).toBeLessThan(200_000);
      const where = 'pid % 1000 == 0';
      const cells = windowCells(made, { where, columns: ['pid'], count: 1000 });
      expect(cells.map(([pid]) => Number(pid))).toEqual(
        Array.from({ length: 300 }, (_unused, index) => index * 1000).filter(pid => pid >= evicted)
      );
      expect(windowCells(made, { follow: true, count: 1, columns: ['pid'] })).toEqual([['299999']]);
    } finally {
      spill.close();
      const { bfree, blocks } = statfsSync(folder);
      execFileSync('umount', [folder]);
      expect(bfree).toBe(blocks);
    }
  });

  it('gives every chunk its own bytes, whatever is put and dropped', () => {
    const step = fc.oneof(fc.record({ put: fc.integer({ min: 1, max: 9 }) }), fc.record({ drop: fc.nat(20) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const file = make(folder);
        const kept = new Map<number, Uint8Array>();
        let total = 0;
        steps.forEach((one, chunk) => {
          if ('put' in one) {
            const bytes = new Uint8Array(one.put * 100).fill(chunk + 1);
            expect(file.put(chunk, bytes)).toBe(true);
            kept.set(chunk, bytes);
          } else {
            file.drop(one.drop);
            kept.delete(one.drop);
          }
          total = Math.max(
            total,
            [...kept.values()].reduce((sum, bytes) => sum + bytes.length, 0)
          );
        });
        for (let chunk = 0; chunk < steps.length; chunk++) expect(file.get(chunk)).toEqual(kept.get(chunk) ?? null);
        if (kept.size === 0) expect(file.size).toBe(0);
        expect(file.size).toBeGreaterThanOrEqual([...kept.values()].reduce((sum, bytes) => sum + bytes.length, 0));
        file.close();
        expect(file.get(0)).toBeNull();
      }),
      { numRuns: 200 }
    );
  });
});
