import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markUsed, pruneHeaders } from './prune-headers.js';

describe('the cache of headers', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bpflab-headers-'));
    for (const name of ['old', 'new']) mkdirSync(join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A file of so many bytes that was used so many minutes ago. */
  function put(path: string, bytes: number, agoMinutes: number): void {
    writeFileSync(join(folder, path), Buffer.alloc(bytes));
    const used = Date.now() / 1000 - agoMinutes * 60;
    utimesSync(join(folder, path), used, used);
  }
  const left = (): string[] =>
    readdirSync(folder).flatMap(one => readdirSync(join(folder, one)).map(name => `${one}/${name}`));
  const limits = { bytes: 250, restMs: 10 * 60_000 };

  it('loses first what was not used for longest, and no more than it must', async () => {
    put('old/vmlinux.h', 100, 300);
    put('old/a.pch', 100, 200);
    put('new/vmlinux.h', 100, 30);
    put('new/b.pch', 100, 20);
    await pruneHeaders(folder, limits);
    expect(left()).toEqual(['b.pch', 'vmlinux.h'].map(name => `new/${name}`));
  });

  it('keeps what was used just now, whatever its size', async () => {
    put('old/vmlinux.h', 100, 300);
    put('new/vmlinux.h', 1000, 1);
    await pruneHeaders(folder, limits);
    expect(left()).toEqual(['new/vmlinux.h']);
  });

  it('counts a use, and leaves the header as it was', async () => {
    put('old/vmlinux.h', 200, 300);
    put('new/vmlinux.h', 200, 30);
    const { mtimeMs } = statSync(join(folder, 'old/vmlinux.h'));
    await markUsed(join(folder, 'old'));
    await pruneHeaders(folder, limits);
    expect(left().sort()).toEqual(['old/used', 'old/vmlinux.h']);
    expect(statSync(join(folder, 'old/vmlinux.h')).mtimeMs).toBe(mtimeMs);
  });

  it('is no trouble when there is none', async () => {
    await expect(pruneHeaders(join(folder, 'none'))).resolves.toBeUndefined();
  });
});
