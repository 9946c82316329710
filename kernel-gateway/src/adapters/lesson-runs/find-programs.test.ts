import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPrograms } from './find-programs.js';

let root: string;

const files: Record<string, string> = {
  'boot/README.md': '# Examples',
  'boot/examples/c/Makefile': 'APPS = small\n',
  'boot/examples/c/small.bpf.c': '',
  'boot/examples/c/small.c': '',
  'src/2-second/README.md': 'ecc second.bpf.c',
  'src/2-second/second.bpf.c': '',
  'src/10-tenth/README.md': 'make; ecc alone.bpf.c',
  'src/10-tenth/Makefile': 'APPS = tenth demo\n',
  'src/10-tenth/tenth.bpf.c': '',
  'src/10-tenth/tenth.c': '',
  'src/10-tenth/demo.c': '',
  'src/10-tenth/alone.bpf.c': '',
  'src/10-tenth/stub.bpf.c': '',
  'src/10-tenth/tests/Makefile': 'APPS = inner\n',
  'src/10-tenth/tests/inner.bpf.c': '',
  'src/10-tenth/tests/inner.c': '',
  'src/loose/nothing.bpf.c': ''
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bpflab-find-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
});

afterAll(() => rm(root, { recursive: true, force: true }));

it('finds the programs of lessons in their order, and nothing that is inside of a lesson', async () => {
  const programs = await findPrograms(root);
  expect(programs.map(({ lesson, name, form }) => `${lesson}/${name} ${form}`)).toEqual([
    'boot/small app',
    '2-second/second kernel',
    '10-tenth/tenth app',
    '10-tenth/demo app',
    '10-tenth/alone kernel'
  ]);
});
