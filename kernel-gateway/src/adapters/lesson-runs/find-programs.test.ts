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
  'src/loose/nothing.bpf.c': '',
  'src/lines/README.md': [
    ...['# Lines', '```', "bpftrace -l 'tracepoint:*'", '```', '```', "# bpftrace -e 'BEGIN { exit(); }'", '^C', '```'],
    ...['```', '# cat path.bt', 'kprobe:vfs_open { exit(); }', '', '# bpftrace path.bt', 'open path: x', '```']
  ].join('\n'),
  'traced/tools/opens.bt': 'BEGIN { exit(); }\n',
  'traced/tools/opens_example.txt': 'Demonstrations of opens.',
  'compiled/tools/calls.py': '#!/usr/bin/env python3\nfrom bcc import BPF\nBPF(src_file="calls.c")\n',
  'compiled/tools/calls.c': 'int kprobe__vfs_read(void *ctx) { return 0; }\n',
  'compiled/tools/setup.py': 'import os\n'
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
    'bcc/calls script',
    '2-second/second kernel',
    '10-tenth/tenth app',
    '10-tenth/demo app',
    '10-tenth/alone kernel',
    'lines/1 script',
    'lines/2 script',
    'lines/3 script',
    'bpftrace/opens script'
  ]);
});

it('makes of scripts the cells that an import makes of them', async () => {
  const programs = await findPrograms(root);
  const cells = (name: string, lesson: string): readonly string[] | undefined =>
    programs.find(program => program.name === name && program.lesson === lesson)?.cells;
  expect(cells('1', 'lines')).toEqual(["%%sh\nbpftrace -l 'tracepoint:*'"]);
  expect(cells('2', 'lines')).toEqual(['%%bpftrace\nBEGIN { exit(); }']);
  expect(cells('3', 'lines')).toEqual(['%%bpftrace path\nkprobe:vfs_open { exit(); }']);
  expect(cells('opens', 'bpftrace')).toEqual(['%%bpftrace opens\nBEGIN { exit(); }\n']);
  expect(cells('calls', 'bcc')).toEqual([
    `%%file calls.c\n${files['compiled/tools/calls.c']}`,
    `%%bcc\n${files['compiled/tools/calls.py']}`
  ]);
});
