import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';

const program = fileURLToPath(new URL('../../bpf/image/main.mjs', import.meta.url));

/** Starts the image part of set-up in a process group of its own, on the given cache. */
function startSetUp(cache: string): { child: ChildProcess; ended: Promise<{ status: number | null; text: string }> } {
  const child = spawn(process.execPath, [program, 'install'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, BPFLAB_CACHE: cache }
  });
  let text = '';
  child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const ended = new Promise<{ status: number | null; text: string }>(resolve => {
    child.on('close', status => resolve({ status, text }));
  });
  return { child, ended };
}

/** Resolves when something is in the works in a folder of the cache whose name contains `part`. */
function underWay(folder: string, part: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  return new Promise(resolve => {
    const seen = (name: string | null): boolean =>
      name !== null && name.startsWith('.unfinished-') && name.includes(part);
    const watcher = watch(folder, (_event, name) => {
      if (!seen(name)) return;
      watcher.close();
      resolve();
    });
  });
}

const unfinished = (cache: string): string[] =>
  readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter(entry => entry.name.startsWith('.unfinished-'))
    .map(entry => join(entry.parentPath, entry.name));

interface Installed {
  tools: { root: string };
  lab: { root: string; erofs: string };
  agent: { path: string };
  kernels: { vmlinux: string; initrd: string; modules: string; btf: string }[];
}

function expectWhole(cache: string): void {
  const installed = JSON.parse(readFileSync(join(cache, 'installed.json'), 'utf8')) as Installed;
  const [kernel] = installed.kernels;
  const paths = [installed.tools.root, installed.lab.root, installed.lab.erofs, installed.agent.path];
  for (const path of [...paths, ...Object.values(kernel ?? {}).filter(value => value.startsWith('/'))])
    expect(existsSync(path), path).toBe(true);
  expect(unfinished(cache)).toEqual([]);
}

describe('set-up of the images', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'bpflab-set-up-'));
    // What Debian's archive gave before need not be fetched again; everything else is made anew.
    const downloads = join(cacheRoot(), 'debs');
    if (existsSync(downloads)) cpSync(downloads, join(cache, 'debs'), { recursive: true });
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true, maxRetries: 5 }));

  it('goes on where a kill in the middle left it, and leaves nothing half made', async () => {
    for (const [folder, part] of [
      ['images', 'tools-'],
      ['images', 'lab-'],
      ['kernels', '']
    ] as const) {
      const ready = underWay(join(cache, folder), part);
      const { child, ended } = startSetUp(cache);
      await Promise.race([ready, ended]);
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      expect((await ended).status, `killed while making ${folder}/${part}`).toBeNull();
    }
    const { status, text } = await startSetUp(cache).ended;
    expect(status, text).toBe(0);
    expectWhole(cache);
  });

  it('is made once by two starts at the same time', async () => {
    const [first, second] = await Promise.all([startSetUp(cache).ended, startSetUp(cache).ended]);
    expect([first.status, second.status], first.text + second.text).toEqual([0, 0]);
    const made = (text: string): number => text.split('\n').filter(line => /Lab image .*\(\d/.test(line)).length;
    expect(made(first.text) + made(second.text)).toBe(1);
    expectWhole(cache);
  });
});
