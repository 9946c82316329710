import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentsRoot } from './contents-root.js';
import { ContentsStore, type SaveRequest } from './contents-store.js';

let folder: string;
let store: ContentsStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bpflab-store-'));
  store = new ContentsStore(await ContentsRoot.at(folder));
});

afterEach(() => rm(folder, { recursive: true }));

const text = (content: string): SaveRequest => ({ type: 'file', format: 'text', content, chunk: undefined });
const all = { content: true, hash: true, type: undefined, format: undefined };
const NOTEBOOK = {
  metadata: { z: 1, a: 2 },
  nbformat: 4,
  nbformat_minor: 5,
  cells: [
    {
      cell_type: 'code',
      source: 'one\ntwo',
      metadata: { trusted: true, tags: [] },
      execution_count: 1,
      id: 'x',
      outputs: [
        { output_type: 'stream', name: 'stdout', text: 'a\nb\n' },
        {
          output_type: 'display_data',
          metadata: {},
          data: { 'text/plain': 'p\nq', 'application/vnd.x+json': { k: ['a', 'b'] } }
        }
      ]
    }
  ]
};

describe('the contents store', () => {
  it('saves text and tells the hash that a reader sees', async () => {
    const saved = await store.save('a.txt', text('one\n'));
    const read = await store.read('a.txt', all);
    expect(read).toMatchObject({ type: 'file', format: 'text', content: 'one\n', size: 4, mimetype: 'text/plain' });
    expect([saved.hash, saved.last_modified]).toEqual([read.hash, read.last_modified]);
    expect(read.hash_algorithm).toBe('sha256');
  });

  it('writes notebooks as Jupyter does and reads them back with joined texts, untrusted', async () => {
    await store.save('n.ipynb', { type: 'notebook', format: 'json', content: NOTEBOOK, chunk: undefined });
    const file = await readFile(join(folder, 'n.ipynb'), 'utf8');
    expect(file.startsWith('{\n "cells": [\n')).toBe(true);
    expect(JSON.parse(file)).toMatchObject({
      cells: [{ source: ['one\n', 'two'], outputs: [{ text: ['a\n', 'b\n'] }, {}] }]
    });
    expect(file.indexOf('"a"')).toBeLessThan(file.indexOf('"z"'));
    const { content } = await store.read('n.ipynb', all);
    const cell = { ...NOTEBOOK.cells[0]!, metadata: { tags: [] } };
    expect(content).toEqual({ ...NOTEBOOK, cells: [cell] });
  });

  it('gives bytes that are no text as base64', async () => {
    await writeFile(join(folder, 'x.bin'), Uint8Array.of(0, 255, 254));
    expect(await store.read('x.bin', all)).toMatchObject({ format: 'base64', content: 'AP/+' });
    await expect(store.read('x.bin', { ...all, format: 'text' })).rejects.toMatchObject({
      code: 'BPFLAB_CONTENTS_FORMAT'
    });
  });

  it('refuses a file that is no notebook', async () => {
    await writeFile(join(folder, 'bad.ipynb'), '{"cells": 1}');
    await expect(store.read('bad.ipynb', all)).rejects.toMatchObject({ code: 'BPFLAB_CONTENTS_FORMAT' });
    await writeFile(join(folder, 'old.ipynb'), '{"nbformat": 3, "worksheets": []}');
    await expect(store.read('old.ipynb', all)).rejects.toThrow('its format is 3');
    expect((await store.read('bad.ipynb', { ...all, type: 'file' })).content).toBe('{"cells": 1}');
  });

  it('collects the parts of an upload and shows the file only when the last is there', async () => {
    const part = (content: string, chunk: number): Promise<unknown> =>
      store.save('big', { type: 'file', format: 'base64', content: Buffer.from(content).toString('base64'), chunk });
    await part('one ', 1);
    await part('two ', 2);
    expect((await store.read('', all)).content).toEqual([]);
    await part('three', -1);
    expect((await store.read('big', all)).content).toBe('one two three');
  });

  it('names new files and copies by what is free', async () => {
    const names = [];
    for (let n = 0; n < 2; n++) names.push((await store.create('', 'notebook', '')).path);
    names.push(
      (await store.create('', 'directory', '')).path,
      (await store.create('Untitled Folder', 'file', '.c')).path
    );
    names.push((await store.copy('Untitled.ipynb', '')).path, (await store.copy('Untitled-Copy1.ipynb', '')).path);
    names.push((await store.copy('Untitled.ipynb', 'Untitled Folder')).path);
    expect(names).toEqual([
      'Untitled.ipynb',
      'Untitled1.ipynb',
      'Untitled Folder',
      'Untitled Folder/untitled.c',
      'Untitled-Copy1.ipynb',
      'Untitled-Copy2.ipynb',
      'Untitled Folder/Untitled.ipynb'
    ]);
  });

  it('takes checkpoints of one file from several pages at once', async () => {
    await store.save('a.txt', text('kept'));
    await Promise.all(Array.from({ length: 20 }, () => store.checkpoint('a.txt')));
    await store.save('a.txt', text('later'));
    await store.restore('a.txt', 'checkpoint');
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('kept');
    expect(await readdir(join(folder, '.ipynb_checkpoints'))).toEqual(['a-checkpoint.txt']);
  });

  it('renames with the checkpoint, and never onto another file', async () => {
    await store.save('a.txt', text('old'));
    await store.checkpoint('a.txt');
    await store.save('a.txt', text('new'));
    await store.save('b.txt', text('b'));
    await expect(store.move('a.txt', 'b.txt')).rejects.toMatchObject({ code: 'BPFLAB_CONTENTS_EXISTS' });
    await store.move('a.txt', 'c.txt');
    await store.restore('c.txt', 'checkpoint');
    expect((await store.read('c.txt', all)).content).toBe('old');
    await store.removeCheckpoint('c.txt', 'checkpoint');
    expect(await store.checkpoints('c.txt')).toEqual([]);
  });

  it('keeps the permissions of a file that it replaces', async () => {
    await writeFile(join(folder, 'run.sh'), 'x', { mode: 0o750 });
    await store.save('run.sh', text('y'));
    expect((await stat(join(folder, 'run.sh'))).mode & 0o777).toBe(0o750);
  });

  it('lists no hidden files', async () => {
    await writeFile(join(folder, '.env'), 'secret');
    await store.save('a.txt', text('x'));
    const names = ((await store.read('', all)).content as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['a.txt']);
  });
});

/** A file system of 1 MiB of our own needs mount(8), that is root. */
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

describe.skipIf(!canMount)('on a full disk', () => {
  it('keeps the old file, leaves nothing beside it and says so', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status).toBe(0);
    try {
      await store.save('disk/a.txt', text('old'));
      await expect(store.save('disk/a.txt', text('x'.repeat(200_000)))).rejects.toMatchObject({
        code: 'BPFLAB_DISK_FULL'
      });
      expect(await readFile(join(disk, 'a.txt'), 'utf8')).toBe('old');
      expect(await readdir(disk)).toEqual(['a.txt']);
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});
