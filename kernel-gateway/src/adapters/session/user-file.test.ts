import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeUserFile, type WrittenFiles } from './user-file.js';

let folder: string;
let root: string;
let written: WrittenFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpflab-user-file-'));
  root = join(folder, 'notebooks');
  mkdirSync(join(root, 'course/data'), { recursive: true });
  written = new Map();
});
afterEach(() => rmSync(folder, { recursive: true }));

const save = (path: string, text: string, force = false): Promise<boolean> =>
  writeUserFile({ place: { root, path: 'course/lesson.ipynb' }, path, force, written }, async file => {
    await file.write(text);
  });
const textOf = (path: string): string => readFileSync(join(root, 'course', path), 'utf8');

it('writes beside the notebook, and again over what it wrote itself', async () => {
  expect(await save('rows.csv', 'one')).toBe(false);
  expect(await save('rows.csv', 'two')).toBe(true);
  expect(await save('data/rows.csv', 'three')).toBe(false);
  expect([textOf('rows.csv'), textOf('data/rows.csv')]).toEqual(['two', 'three']);
  expect(readdirSync(join(root, 'course')).sort()).toEqual(['data', 'rows.csv']);
});

it('replaces no file of others, and none that was changed since, unless it is told to', async () => {
  writeFileSync(join(root, 'course/mine.csv'), 'mine');
  await expect(save('mine.csv', 'x')).rejects.toMatchObject({
    code: 'BPFLAB_CONTENTS_EXISTS',
    hint: expect.stringContaining('--force') as string
  });
  await save('rows.csv', 'one');
  writeFileSync(join(root, 'course/rows.csv'), 'edited by hand');
  await expect(save('rows.csv', 'two')).rejects.toMatchObject({ code: 'BPFLAB_CONTENTS_EXISTS' });
  expect([textOf('mine.csv'), textOf('rows.csv')]).toEqual(['mine', 'edited by hand']);
  expect(await save('mine.csv', 'forced', true)).toBe(true);
  expect(textOf('mine.csv')).toBe('forced');
});

it('stays below the notebook folder', async () => {
  writeFileSync(join(folder, 'outside'), 'secret');
  symlinkSync(folder, join(root, 'course/out'));
  symlinkSync(join(folder, 'outside'), join(root, 'course/link.csv'));
  await expect(save('../x.csv', 'x')).rejects.toMatchObject({ code: 'BPFLAB_FILE_PATH' });
  await expect(save('/etc/x.csv', 'x')).rejects.toMatchObject({ code: 'BPFLAB_FILE_PATH' });
  await expect(save('out/x.csv', 'x', true)).rejects.toMatchObject({ code: 'BPFLAB_CONTENTS_PATH' });
  await expect(save('link.csv', 'x', true)).rejects.toMatchObject({ code: 'BPFLAB_CONTENTS_PATH' });
  await expect(save('none/x.csv', 'x')).rejects.toMatchObject({
    code: 'BPFLAB_CONTENTS_MISSING',
    hint: expect.stringContaining('folder') as string
  });
  expect(readFileSync(join(folder, 'outside'), 'utf8')).toBe('secret');
});

it('leaves nothing when it cannot be written whole', async () => {
  await save('rows.csv', 'whole');
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  const failing = writeUserFile({ place: { root, path: '' }, path: 'x.csv', force: false, written }, () => {
    throw full;
  });
  await expect(failing).rejects.toMatchObject({ code: 'BPFLAB_DISK_FULL' });
  expect(readdirSync(root)).toEqual(['course']);
});
