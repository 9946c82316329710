import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kindStep, provideKindCluster, removeKindCluster } from './kind-cluster.js';
import { readKindNote, removeKindNote, writeKindNote } from './kind-note.js';

describe('a machine without kind', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'bpflab-kind-'));
    mkdirSync(join(cache, 'bin'));
    symlinkSync('/usr/bin/setpriv', join(cache, 'bin/setpriv'));
  });
  afterEach(() => rmSync(cache, { recursive: true }));
  const place = (): Parameters<typeof removeKindCluster>[0] => ({
    ...{ cache, name: 'lab', progress: () => undefined },
    env: { PATH: join(cache, 'bin'), HOME: cache, DOCKER_HOST: `unix://${cache}/none.sock` }
  });

  it('says what has to be installed, and notes nothing', async () => {
    const made = provideKindCluster(place(), { workers: 2, nodeImage: null });
    await expect(made).rejects.toMatchObject({ code: 'BPFLAB_KIND_MISSING', message: /^kind is not installed/ });
    expect(readKindNote(cache, 'lab')).toBeNull();
  });

  it('removes no cluster that we have not made', async () => {
    await expect(removeKindCluster(place())).resolves.toBe(false);
  });

  it('keeps a note until it is removed', () => {
    const note = { version: 1, name: 'lab', state: 'making', formerContext: null, hasMadeNetwork: true } as const;
    writeKindNote(cache, note);
    expect(readKindNote(cache, 'lab')).toEqual(note);
    removeKindNote(cache, 'lab');
    expect(readKindNote(cache, 'lab')).toBeNull();
  });
});

describe('kindStep', () => {
  it.each([
    [' • Preparing nodes 📦 📦 📦  ...', 'kind: Preparing nodes.'],
    [' • Ensuring node image (kindest/node:v1.37.2) 🖼  ...', 'kind: Ensuring node image (kindest/node:v1.37.2).'],
    [' ✓ Preparing nodes 📦 📦 📦 ', null],
    ['Have a nice day! 👋', null],
    ['', null]
  ])('reads %j', (line, expected) => {
    expect(kindStep(line)).toBe(expected);
  });
});
