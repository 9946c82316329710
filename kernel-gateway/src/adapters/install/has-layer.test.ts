import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LessonLayer } from '../../core/lesson-runs/surroundings.js';
import { hasLayer } from './has-layer.js';
import type { Installed, InstalledKernel } from './installed.js';

let cache: string;
let installed: Installed;

const marks: Record<LessonLayer, string> = {
  blazesym: 'layers/blazesym/id',
  'kernel-headers': 'kernels/6.12.1/headers.id',
  java: 'lab/usr/lib/jvm/default-java/bin/java',
  go: 'lab/usr/bin/go',
  rust: 'lab/usr/bin/cargo'
};
const layers = Object.keys(marks) as LessonLayer[];

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'bpflab-layers-'));
  const kernel = (release: string): InstalledKernel => {
    const [vmlinux, initrd, modules, btf] = ['vmlinux', 'initrd', 'modules.erofs', 'btf'].map(name =>
      join(cache, 'kernels', release, name)
    ) as [string, string, string, string];
    return { release, vmlinux, initrd, modules, btf };
  };
  installed = {
    version: 1,
    tools: { id: 't', root: join(cache, 'tools') },
    lab: { id: 'l', root: join(cache, 'lab'), erofs: join(cache, 'lab.erofs') },
    agent: { id: 'a', path: join(cache, 'agent') },
    kernels: [kernel('6.12.1'), kernel('7.3.4')],
    default_kernel: '6.12.1'
  };
});

afterAll(() => rm(cache, { recursive: true, force: true }));

it('sees each layer from when it is there, and none before', async () => {
  for (const layer of layers) {
    expect(hasLayer(installed, layer, '6.12.1', cache)).toBe(false);
    const mark = join(cache, marks[layer]);
    await mkdir(dirname(mark), { recursive: true });
    await writeFile(mark, 'x');
    expect(hasLayer(installed, layer, '6.12.1', cache)).toBe(true);
  }
});

it('asks for the headers of the very kernel', () => {
  expect(hasLayer(installed, 'kernel-headers', '7.3.4', cache)).toBe(false);
  expect(hasLayer(installed, 'kernel-headers', '5.4.0', cache)).toBe(false);
});
