import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { processMark } from '../vm/process-mark.js';
import { makeOwnFolder } from './own-folder.js';
import { ownerMark } from './owner-mark.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'own-folder-test-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('removes folders of processes that were killed, and of nobody else', async () => {
  const child = spawn('sleep', ['1000']);
  const here = ownerMark().split('-').slice(0, 2).join('-');
  const mark = processMark(child.pid);
  const names = {
    killed: `bpflab-run.${here}-${mark}.abcdef`,
    other: `bpflab-run.00000000-1-${mark}.abcdef`,
    foreign: 'bpflab-oeNJOb',
    user: 'bpflab-notes'
  };
  for (const name of Object.values(names)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'file'), '');
  }
  const are = (): Record<string, boolean> =>
    Object.fromEntries(Object.entries(names).map(([key, name]) => [key, existsSync(join(folder, name))]));
  const own = await makeOwnFolder('run');
  expect(are()).toEqual({ killed: true, other: true, foreign: true, user: true });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const next = await makeOwnFolder('run');
  expect(are()).toEqual({ killed: false, other: true, foreign: true, user: true });
  expect([existsSync(own), existsSync(next)]).toEqual([true, true]);
  expect(basename(own)).toContain(ownerMark());
});
