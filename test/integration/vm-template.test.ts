import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { ensureTemplate, sweepTemplates, type Template } from '../../kernel-gateway/src/adapters/vm/ensure-template.js';
import { processMark } from '../../kernel-gateway/src/adapters/vm/process-mark.js';
import { createVmTarget } from '../../kernel-gateway/src/adapters/vm/vm-target.js';
import type { VmSpec } from '../../kernel-gateway/src/adapters/vm/vm-spec.js';
import { requires } from '../requires.js';
import { connectTo, shell } from './vm-session.js';

requires('vm')('a template of virtual machines', () => {
  let cache = '';
  let spec: VmSpec;
  const ensure = (signal: AbortSignal = new AbortController().signal, said: string[] = []): Promise<Template> =>
    ensureTemplate({ spec, cacheRoot: cache, signal, progress: text => said.push(text) });

  beforeAll(() => {
    cache = mkdtempSync(path.join(tmpdir(), 'templates-'));
    const installed = readInstalled();
    const kernel = installed.kernels.find(one => one.release === installed.default_kernel);
    if (kernel === undefined) throw new Error('installed.json names a default kernel that it does not list');
    spec = { tools: installed.tools, lab: installed.lab, kernel, memoryMib: 384, cpus: 1, accelerator: 'tcg' };
  });
  afterAll(() => rmSync(cache, { recursive: true }));

  it('leaves nothing behind when it is canceled', async () => {
    const aborter = new AbortController();
    const making = ensure(aborter.signal);
    aborter.abort();
    await expect(making).rejects.toMatchObject({ code: 'BPFLAB_CELL_INTERRUPTED' });
    expect(readdirSync(path.join(cache, 'templates'))).toEqual([]);
  });

  it('is booted once by two that want it at once, and found by the third', async () => {
    const said: string[][] = [[], []];
    const made = await Promise.all(said.map(texts => ensure(undefined, texts)));
    expect(new Set(made.map(one => one.folder)).size).toBe(1);
    expect(said.flat().filter(text => text.startsWith('Booting'))).toHaveLength(1);
    const [first] = made as [Template];
    expect(readdirSync(first.folder).sort()).toEqual(['memory', 'state', 'template.json']);
    // Sparse: what the guest never touched takes no room.
    const { size, blocks } = statSync(path.join(first.folder, 'memory'));
    expect(blocks * 512).toBeLessThan(size * 0.8);
    expect((await ensure()).fromCache).toBe(true);
  });

  it('is another one for another machine', async () => {
    const { id } = await ensure();
    const aborter = new AbortController();
    aborter.abort();
    const larger = ensureTemplate({
      spec: { ...spec, memoryMib: 512 },
      cacheRoot: cache,
      signal: aborter.signal,
      progress: () => undefined
    });
    await expect(larger).rejects.toMatchObject({ code: 'BPFLAB_CELL_INTERRUPTED' });
    expect(readdirSync(path.join(cache, 'templates'))).toEqual([id]);
  });

  it('is made again when its files are damaged', async () => {
    const { folder } = await ensure();
    truncateSync(path.join(folder, 'state'), 1000);
    const target = createVmTarget({ cacheRoot: cache, installed: readInstalled() });
    const connection = await connectTo(target, 'one');
    expect((await shell(connection, 'echo well')).stdout).toBe('well\n');
    await connection.close();
    await target.close();
  });

  it('outlives a sweep that takes what dead processes left', async () => {
    const { id } = await ensure();
    const templates = path.join(cache, 'templates');
    const dead = path.join(templates, `.making-${id}-1-1-1`);
    const alive = path.join(templates, `.making-other-${processMark()}-1`);
    for (const folder of [dead, alive]) mkdirSync(folder);
    writeFileSync(path.join(dead, 'memory'), 'half');
    sweepTemplates(cache);
    expect(readdirSync(templates).sort()).toEqual([path.basename(alive), id].sort());
    rmSync(alive, { recursive: true });
    expect(existsSync(dead)).toBe(false);
  });
});
