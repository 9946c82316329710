import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ContentsRoot } from '../contents/contents-root.js';
import { ContentsStore } from '../contents/contents-store.js';
import type { SessionModel } from '../kernels/kernel-registry.js';
import { setAsideLab } from './set-aside-lab.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpflab-aside-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('renames the notebooks of a lab in every language, ends their sessions, and touches no other', async () => {
  const store = new ContentsStore(await ContentsRoot.at(folder));
  const ended: string[] = [];
  const sessions = ['labs/start/01-hello.ipynb', 'labs/start/02-x.ipynb'].map(
    path => ({ id: `of ${path}`, path }) as SessionModel
  );
  const registry = { sessions, endSession: (id: string) => Promise.resolve(void ended.push(id)) };
  expect(await setAsideLab({ store, registry }, 'start/01-hello', '2026-11-24')).toEqual([]);
  mkdirSync(join(folder, 'labs/start'), { recursive: true });
  for (const name of ['01-hello.ipynb', '01-hello.zh.ipynb', '01-hello-more.ipynb', '02-x.ipynb'])
    writeFileSync(join(folder, 'labs/start', name), name);

  expect(await setAsideLab({ store, registry }, 'start/01-hello', '2026-11-24')).toEqual([
    'labs/start/01-hello.before-2026-11-24.ipynb',
    'labs/start/01-hello.zh.before-2026-11-24.ipynb'
  ]);
  expect(ended).toEqual(['of labs/start/01-hello.ipynb']);
  // A second time on the same day.
  writeFileSync(join(folder, 'labs/start/01-hello.ipynb'), 'again');
  expect(await setAsideLab({ store, registry }, 'start/01-hello', '2026-11-24')).toEqual([
    'labs/start/01-hello.before-2026-11-24-2.ipynb'
  ]);
  expect(readdirSync(join(folder, 'labs/start')).sort()).toEqual([
    '01-hello-more.ipynb',
    '01-hello.before-2026-11-24-2.ipynb',
    '01-hello.before-2026-11-24.ipynb',
    '01-hello.zh.before-2026-11-24.ipynb',
    '02-x.ipynb'
  ]);
  expect(readFileSync(join(folder, 'labs/start/01-hello.before-2026-11-24.ipynb'), 'utf8')).toBe('01-hello.ipynb');
});
