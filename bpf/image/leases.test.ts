import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CacheLease } from '../../kernel-gateway/src/adapters/install/cache-lease.js';
import { ownerMark } from '../../kernel-gateway/src/adapters/install/owner-mark.js';
import { processMark } from '../../kernel-gateway/src/adapters/vm/process-mark.js';
import { removeOthers } from './cache.mjs';
import { leasedPaths } from './leases.mjs';

const HOUR_MS = 3_600_000;

let cache: string;
beforeEach(() => (cache = mkdtempSync(join(tmpdir(), 'bpflab-leases-'))));
afterEach(() => rmSync(cache, { recursive: true }));

function entry(name: string, ageMs: number): void {
  const place = join(cache, 'images', name);
  mkdirSync(join(place, 'root'), { recursive: true });
  const time = new Date(Date.now() - ageMs);
  utimesSync(place, time, time);
}
const tidy = (): string[] => {
  removeOthers(join(cache, 'images'), 'lab-', { keep: ['lab-now'], leased: leasedPaths(cache) });
  return readdirSync(join(cache, 'images')).sort();
};

it('what is named stays, and of the rest the newest two of a week', () => {
  const ages = { now: 900, recent: 0.5, one: 2, two: 3, three: 4, old: 24 * 8 };
  for (const [name, hours] of Object.entries(ages)) entry(`lab-${name}`, hours * HOUR_MS);
  entry('tools-old', 900 * HOUR_MS);
  expect(tidy()).toEqual(['lab-now', 'lab-one', 'lab-recent', 'tools-old']);
});

it('what a running gateway uses stays as long as it runs, however it ends', async () => {
  entry('lab-used', 24 * 30 * HOUR_MS);
  const lease = new CacheLease(cache);
  lease.add(join(cache, 'images/lab-used/root'));
  expect(tidy()).toEqual(['lab-used']);
  expect(CacheLease.isUsed(cache, join(cache, 'images/lab-used/root'))).toBe(true);
  // As if the lease were of another process, which is then killed.
  const other = spawn('sleep', ['1000']);
  const [file = ''] = readdirSync(join(cache, 'leases'));
  const here = ownerMark().split('-').slice(0, 2).join('-');
  renameSync(join(cache, 'leases', file), join(cache, 'leases', `${here}-${processMark(other.pid)}.1.json`));
  expect(tidy()).toEqual(['lab-used']);
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(tidy()).toEqual([]);
  expect(readdirSync(join(cache, 'leases'))).toEqual([]);
  lease.add(join(cache, 'x'));
  lease.release();
  expect(existsSync(join(cache, 'leases'))).toBe(true);
  expect(leasedPaths(cache)).toEqual([]);
});
