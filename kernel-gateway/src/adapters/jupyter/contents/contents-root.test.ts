import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabError } from '../../../protocol/index.js';
import { ContentsRoot, type ContentsPath } from './contents-root.js';

let folder: string;
let root: ContentsRoot;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bpflab-contents-')));
  await mkdir(join(folder, 'inside/deep'), { recursive: true });
  await mkdir(join(folder, 'inside-not'));
  await writeFile(join(folder, 'inside-not/secret'), 'x');
  await writeFile(join(folder, 'inside/a.txt'), 'x');
  await writeFile(join(folder, 'inside/.hidden'), 'x');
  await symlink(join(folder, 'inside-not'), join(folder, 'inside/out'));
  await symlink('/etc/passwd', join(folder, 'inside/passwd'));
  await symlink('a.txt', join(folder, 'inside/alias.txt'));
  await symlink('nowhere', join(folder, 'inside/dangling'));
  root = await ContentsRoot.at(join(folder, 'inside'));
});

afterAll(() => rm(folder, { recursive: true }));

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'passed',
    (error: unknown) => (error instanceof LabError ? error.code : error)
  );

describe('the contents root', () => {
  it.each([
    ['a.txt', 'a.txt'],
    ['/a.txt', 'a.txt'],
    ['deep//', 'deep'],
    ['', ''],
    ['alias.txt', 'a.txt']
  ])('finds "%s"', async (path, real) => {
    expect((await root.existing(path)).absolute).toBe(join(folder, 'inside', real).replace(/\/$/, ''));
  });

  it.each([
    ['../inside-not/secret', 'BPFLAB_CONTENTS_PATH'],
    ['deep/../../inside-not/secret', 'BPFLAB_CONTENTS_PATH'],
    ['./a.txt', 'BPFLAB_CONTENTS_PATH'],
    ['a.txt\0.ipynb', 'BPFLAB_CONTENTS_PATH'],
    ['..\\x', 'BPFLAB_CONTENTS_PATH'],
    ['out/secret', 'BPFLAB_CONTENTS_PATH'],
    ['out', 'BPFLAB_CONTENTS_PATH'],
    ['passwd', 'BPFLAB_CONTENTS_PATH'],
    ['.hidden', 'BPFLAB_CONTENTS_MISSING'],
    ['dangling', 'BPFLAB_CONTENTS_MISSING'],
    ['none', 'BPFLAB_CONTENTS_MISSING'],
    ['a.txt/below', 'BPFLAB_CONTENTS_MISSING']
  ])('refuses "%s" with %s', async (path, code) => {
    expect(await codeOf(root.existing(path))).toBe(code);
  });

  it.each(['out/new', 'passwd', '../new', '.new', 'none/new', '', 'dangling'])(
    'gives no place to write at "%s"',
    async path => {
      expect(await codeOf(root.writable(path))).toMatch(/^BPFLAB_CONTENTS_(PATH|MISSING)$/);
    }
  );

  it('gives the link itself to rename and delete, not what it points at', async () => {
    expect((await root.entry('passwd')).absolute).toBe(join(folder, 'inside/passwd'));
    expect(await codeOf(root.entry('out/secret'))).toBe('BPFLAB_CONTENTS_PATH');
  });

  it('never leads out of its folder, whatever the path', async () => {
    const names = fc.constantFrom(
      '..',
      '.',
      '',
      'deep',
      'out',
      'passwd',
      'secret',
      'a.txt',
      '~',
      'inside',
      'alias.txt',
      '%2e%2e'
    );
    await fc.assert(
      fc.asyncProperty(fc.array(names, { maxLength: 6 }), async parts => {
        const path = parts.join('/');
        for (const find of ['existing', 'writable', 'entry'] as const) {
          const place = await root[find](path).catch((error: unknown) => error);
          if (place instanceof Error) expect(place).toBeInstanceOf(LabError);
          else expect(`${(place as ContentsPath).absolute}/`).toContain(`${join(folder, 'inside')}/`);
        }
      })
    );
  });
});
