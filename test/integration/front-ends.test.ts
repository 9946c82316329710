import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { notebookOf } from '../e2e/notebook-of.js';
import { isRequired, requires } from '../requires.js';
import { InstalledKernel } from './installed-kernel.js';
import { pythonEnvironment, STOCK } from '../fixtures/python-environment.mjs';

const run = promisify(execFile);
const conformance = resolve(import.meta.dirname, '../fixtures/kernel_conformance.py');

const PROGRAM = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct event { unsigned int pid; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
    struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event)
        return 0;
    event->pid = bpf_get_current_pid_tgid() >> 32;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    bpf_ringbuf_submit(event, 0);
    return 0;
}
`;

requires('vm', 'python')('front ends of others, without a browser', () => {
  let kernel: InstalledKernel;
  let bin: string;

  beforeAll(async () => {
    kernel = await InstalledKernel.install();
    bin = await pythonEnvironment(STOCK).catch((error: unknown) => {
      if (isRequired('python')) throw error;
      return '';
    });
  }, 600_000);

  beforeEach(context => context.skip(bin === '', 'the packages cannot be fetched'));

  afterAll(() => kernel.close());

  const jupyter = (...words: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(join(bin, 'jupyter'), words, { env: { ...kernel.env, PATH: `${bin}:${process.env['PATH']}` } });

  it('find the kernel and the labextension where they were installed', async () => {
    expect((await jupyter('kernelspec', 'list')).stdout).toMatch(/bpflab +\S+data\/kernels\/bpflab/);
    const { stderr, stdout } = await jupyter('labextension', 'list');
    expect(stderr + stdout).toMatch(/@bpflab\/extension v\S+ .*enabled.* .*OK/);
  });

  it("pass Jupyter's own kernel tests", async () => {
    const { stderr } = await run(join(bin, 'python'), [conformance], { env: kernel.env });
    expect(stderr).toMatch(/Ran 12 tests[^]*OK \(skipped=5\)/);
    for (const name of ['completion', 'error', 'execute_stderr', 'inspect', 'is_complete', 'kernel_info']) {
      expect(stderr).toMatch(new RegExp(`test_${name} .*ok`));
    }
  });

  it('share one gateway, whose file nobody else can read', async () => {
    const [gateway, ...others] = await kernel.gateways();
    expect(others).toEqual([]);
    const { mode } = await stat(join(kernel.folder, `runtime/gateway-${gateway!.pid}.json`));
    expect(mode & 0o777).toBe(0o600);
  });

  it('nbconvert --execute: the HTML has what a later cell has caused', async () => {
    const notebook = join(kernel.folder, 'later.ipynb');
    const traffic = '%%sh\nfor i in 1 2 3; do /bin/true; done; /bin/ls > /dev/null\n';
    await writeFile(notebook, notebookOf([PROGRAM, traffic, '%wait events>=4 --timeout 30s', '%stop']));
    await jupyter('nbconvert', '--to', 'html', '--execute', notebook);
    const text = (await readFile(notebook.replace('.ipynb', '.html'), 'utf8')).replace(/<[^>]+>/g, '');
    const [program = ''] = text.split('for i in');
    expect(program).toMatch(/\d+ events[^]*COMM[^]*true[^]*ls/);
    expect(program).toMatch(/stopped by %stop/);
  });

  it('leave no kernel behind when the front end is killed', async () => {
    const kernels = async (): Promise<number> => {
      let count = 0;
      for (const { url, token } of await kernel.gateways()) {
        const response = await fetch(`${url}api/status`, { headers: { authorization: `token ${token}` } });
        count += ((await response.json()) as { kernels: number }).kernels;
      }
      return count;
    };
    expect(await kernels()).toBe(0);
    const child = spawn(join(bin, 'jupyter'), ['kernel', '--kernel=bpflab'], { env: kernel.env, stdio: 'ignore' });
    await expect.poll(kernels, { timeout: 30_000 }).toBe(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect.poll(kernels, { timeout: 30_000 }).toBe(0);
  });

  it('are given nothing any more when it is removed', async () => {
    const removed = await kernel.kernelspec('remove');
    expect(removed.trim().split('\n')).toHaveLength(2);
    expect((await jupyter('kernelspec', 'list')).stdout).not.toMatch(/^ *bpflab /m);
  });
});
