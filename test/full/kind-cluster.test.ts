import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';
import { requires } from '../requires.js';

const run = promisify(execFile);
const fileOf = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const kindTest = (command: string): Promise<{ stdout: string }> =>
  run(process.execPath, [fileOf('cluster/kind/main.mjs'), command], { maxBuffer: 1 << 24 });

/** What `cluster/kind/main.mjs up` prints. */
interface KindMachine {
  path: string[];
  env: Record<string, string>;
  namespace: string;
  nodeImage: string;
}

const FORMER = `apiVersion: v1
kind: Config
clusters: [{ name: work, cluster: { server: 'https://127.0.0.1:1' } }]
contexts: [{ name: work, context: { cluster: work, user: work } }]
users: [{ name: work, user: {} }]
current-context: work
`;

const NAME = 'bpflab-test';
const PROGRAM = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
struct event { u32 pid; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 16); } rb SEC(".maps");
SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, 0);
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
`;

requires('vm', 'bpf')('a kind cluster that is made for it', () => {
  let machine: KindMachine;
  let folder: string;
  const environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    ...machine.env,
    PATH: [...machine.path, process.env['PATH']].join(':'),
    KUBECONFIG: join(folder, 'kubeconfig')
  });
  /** Words that run a program where the engine's ports are. */
  const there = (...words: string[]): string[] => [`--net=${machine.namespace}`, ...words];
  const bpflabWords = (...words: string[]): string[] =>
    there(process.execPath, fileOf('kernel-gateway/lib/cli/bpflab.js'), ...words);
  const bpflab = (...words: string[]): Promise<{ stdout: string; stderr: string }> =>
    run('nsenter', bpflabWords(...words), { env: environment(), maxBuffer: 1 << 24 });
  const docker = async (...words: string[]): Promise<string> =>
    (await run('nsenter', there('docker', ...words), { env: environment() })).stdout;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bpflab-kind-test-'));
    machine = JSON.parse((await kindTest('up')).stdout) as KindMachine;
    writeFileSync(join(folder, 'kubeconfig'), FORMER);
    // Of a run that was killed; its cluster is gone with the engine.
    rmSync(join(cacheRoot(), `clusters/kind-${NAME}.json`), { force: true });
  }, 900_000);

  afterAll(async () => {
    await kindTest('down');
    rmSync(join(cacheRoot(), `clusters/kind-${NAME}.json`), { force: true });
    rmSync(folder, { recursive: true });
  }, 120_000);

  it('begins anew after an interrupt half-way, and gives every worker an agent', { timeout: 900_000 }, async () => {
    const up = ['cluster', 'up', '--kind', NAME, '--node-image', machine.nodeImage];
    const first = spawn('nsenter', bpflabWords(...up), { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const line of createInterface(first.stderr)) if (line.includes('Starting control-plane')) break;
    first.kill('SIGKILL');
    if (first.exitCode === null && first.signalCode === null) await once(first, 'exit');
    expect(await docker('ps', '--format', '{{.Names}}')).toContain(`${NAME}-control-plane`);

    const { stdout, stderr } = await bpflab(...up);
    expect(stderr).toContain('was interrupted');
    expect(stdout).toContain(`Cluster "kind-${NAME}" is ready: ${NAME}-worker, ${NAME}-worker2.`);
    const { agents } = JSON.parse((await bpflab('cluster', 'status', '--json')).stdout) as {
      agents: { node: string; isReady: boolean }[];
    };
    expect(agents.map(agent => [agent.node, agent.isReady])).toEqual([
      [`${NAME}-worker`, true],
      [`${NAME}-worker2`, true]
    ]);
  });

  it('uses the cluster as it is when it is brought up again', { timeout: 300_000 }, async () => {
    const before = await docker('ps', '--format', '{{.ID}}');
    const { stderr } = await bpflab('cluster', 'up', '--kind', NAME);
    expect(stderr).toContain('exists already');
    expect(await docker('ps', '--format', '{{.ID}}')).toBe(before);
  });

  it('runs a program on a node, also with capabilities one by one', { timeout: 600_000 }, async () => {
    const file = join(folder, 'execs.bpf.c');
    writeFileSync(file, PROGRAM);
    const target = `pod:${NAME}-worker2`;
    for (const profile of ['privileged', 'minimal-caps']) {
      await bpflab('cluster', 'up', '--profile', profile);
      const { stdout } = await bpflab('run', file, '--target', target, '--events', '2');
      expect(stdout).toMatch(/^\s*1\s.*\d+\s+\S+$/m);
    }
  });

  it('removes all that it made, and nothing else', { timeout: 300_000 }, async () => {
    await bpflab('cluster', 'down');
    expect(await docker('ps', '--all', '--quiet')).toBe('');
    expect((await docker('network', 'ls', '--format', '{{.Name}}')).trim().split('\n').sort()).toEqual([
      'host',
      'none'
    ]);
    expect(await docker('volume', 'ls', '--quiet')).toBe('');
    expect(existsSync(join(cacheRoot(), `clusters/kind-${NAME}.json`))).toBe(false);
    const kubeconfig = readFileSync(join(folder, 'kubeconfig'), 'utf8');
    expect(kubeconfig).not.toContain(NAME);
    expect(kubeconfig).toMatch(/^current-context: "?work"?$/m);
  });
});
