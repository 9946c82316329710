/** A kernel that the user has built: here the default one's parts, as `make` and `make modules_install` would leave them. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';
import { notebookOf } from '../e2e/notebook-of.js';
import { requires } from '../requires.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../kernel-gateway/lib/cli/bpflab.js', import.meta.url));
const PROGRAM = `%%bpf seen
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
SEC("tp/sched/sched_switch")
int seen(void *ctx) { return 0; }
`;

interface Installed {
  default_kernel: string;
}

requires('vm')('bpflab kernel add', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bpflab-own-kernel-'));
  const cache = join(folder, 'cache');
  const env = { ...process.env, BPFLAB_CACHE: cache };
  let release: string;
  const bpflab = (...words: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(process.execPath, [program, ...words], { env, cwd: folder });
  const add = (...more: string[]): Promise<{ stdout: string; stderr: string }> => {
    const modules = join(folder, 'built/usr/lib/modules', release);
    return bpflab('kernel', 'add', '--modules', modules, ...more);
  };
  const image = (): string =>
    [join(folder, 'built/boot', `vmlinuz-${release}`), join(folder, 'built/usr/lib/modules', release, 'vmlinuz')].find(
      path => existsSync(path)
    ) ?? '';

  beforeAll(async () => {
    const installed = JSON.parse(readFileSync(join(cacheRoot(), 'installed.json'), 'utf8')) as Installed;
    release = installed.default_kernel;
    // A cache whose images are those of the set-up, and that has no kernel.
    mkdirSync(cache);
    writeFileSync(
      join(cache, 'installed.json'),
      JSON.stringify({ ...installed, kernels: [], default_kernel: release })
    );
    const debs = readdirSync(join(cacheRoot(), 'debs')).filter(
      name => name.endsWith('.deb') && /^linux-(image|modules|binary|base)/.test(name) && name.includes(release)
    );
    expect(debs).not.toEqual([]);
    for (const deb of debs) await run('dpkg-deb', ['-x', join(cacheRoot(), 'debs', deb), join(folder, 'built')]);
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('refuses what is not there, and leaves nothing', async () => {
    await expect(add('--image', join(folder, 'none'))).rejects.toMatchObject({
      stderr: expect.stringContaining('BPFLAB_CONFIG_OPTION') as unknown
    });
    expect(existsSync(join(cache, 'kernels', release))).toBe(false);
  });

  it('takes a kernel, boots it, and takes it anew', async () => {
    const config = join(folder, 'built/boot', `config-${release}`);
    for (const more of [existsSync(config) ? ['--config', config] : [], []]) {
      expect((await add('--image', image(), ...more)).stdout.trim()).toBe(release);
    }
    const list = JSON.parse((await bpflab('kernel', 'list', '--json')).stdout) as { installed: object[] };
    expect(list.installed).toEqual([expect.objectContaining({ release, flavour: 'own' })]);
    writeFileSync(join(folder, 'own.ipynb'), notebookOf(['%%sh\nuname -r', PROGRAM]));
    await bpflab('exec', '--kernel', release, '--inplace', 'own.ipynb');
    const text = readFileSync(join(folder, 'own.ipynb'), 'utf8');
    expect(text).toContain(`${release}\\n`);
    expect(text).toMatch(/seen-\d+: stopped, the session ended/);
  });
});
