import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunNode } from '../../kernel-gateway/src/protocol/index.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { execs } from '../integration/programs.js';
import { requires } from '../requires.js';
import { TestCluster } from './test-cluster.js';

const LICENSE = 'char LICENSE[] SEC("license") = "GPL";';
const REFUSED = /cannot run SEC\("kprobe/;

/** A program that this machine's kernel refuses and Debian's takes, when the former has none of its kind. */
const kprobe = `%%bpf opens
long opened = 0;
SEC("kprobe/do_sys_openat2")
int BPF_KPROBE(on_open) { __sync_fetch_and_add(&opened, 1); return 0; }
${LICENSE}`;

const deny = `%%bpf guard --pod strict
#define EPERM 1
int denied = 0;
SEC("lsm/bprm_check_security")
int BPF_PROG(guard, struct linux_binprm *bprm, int ret)
{
	char name[32] = {};

	if (ret)
		return ret;
	bpf_probe_read_kernel_str(name, sizeof(name), bprm->filename);
	if (bpf_strncmp(name, 9, "/bin/true") != 0)
		return 0;
	__sync_fetch_and_add(&denied, 1);
	return -EPERM;
}
${LICENSE}`;

const podOn = (name: string, node: string, more = ''): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  nodeName: ${node}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
${more}  containers:
  - name: main
    image: $LAB_IMAGE
    imagePullPolicy: Never
    command: [sh, -c, "sleep 100000"]
`;

requires('vm', 'bpf')('nodes with two kernels', () => {
  const cluster = new TestCluster(0);
  let lab: Lab;
  const open: LabFixture[] = [];
  const session = (target = 'pod:all'): LabFixture => {
    const fixture = new LabFixture(lab, target);
    open.push(fixture);
    return fixture;
  };
  const nodeOf = (cells: LabFixture, card: string, name: string): RunNode | undefined =>
    cells.card(card).nodes?.find(({ node }) => node === name);
  const states = (cells: LabFixture, card: string): string[] =>
    (cells.card(card).nodes ?? []).map(({ node, state }) => `${node} ${state}`);
  const nodesOf = (cells: LabFixture): Set<string | undefined> =>
    new Set(
      cells
        .rows('rb')
        .filter(row => row['comm'] === 'true')
        .map(row => row['node'])
    );

  beforeAll(async () => {
    await cluster.up(1, '--vm');
    lab = createLab();
  }, 900_000);

  afterAll(async () => {
    for (const fixture of open) await fixture.close();
    await lab.close();
    await cluster.down();
  }, 120_000);

  it('puts the rows of both into one view', async () => {
    const cells = session();
    await cells.ok(execs);
    expect(states(cells, 'execs')).toEqual(['node1 running', 'vm-1 running']);
    const said = (await cells.ok('%%sh\nuname -r; /bin/true')).stdout;
    expect(said).toContain(`node1 | ${release()}`);
    expect(said).toMatch(/^vm-1 \| .*-amd64$/m);
    expect(said).not.toContain(`vm-1 | ${release()}`);
    await cells.until(() => nodesOf(cells).size === 2);
    expect(nodeOf(cells, 'execs', 'vm-1')?.kernel_release).toMatch(/-amd64$/);
    await cells.close();
  });

  it('attaches where a kernel can, and says of the other node that it cannot', async () => {
    const cells = session();
    await cells.ok(kprobe);
    const one = nodeOf(cells, 'opens', 'node1');
    const vm = nodeOf(cells, 'opens', 'vm-1');
    expect(vm?.state).toBe('running');
    // Where this machine's kernel has kprobes, both run.
    if (one?.state !== 'running') {
      expect(one?.state).toBe('refused');
      expect(one?.message).toMatch(REFUSED);
    }
    await cells.close();
  });

  it('denies a program in one pod of a node, and leaves the others alone', async () => {
    const cells = session('pod:vm-1');
    await cells.ok(`%%deploy pods\n${podOn('strict', 'vm-1')}---\n${podOn('free', 'vm-1')}`);
    await cells.ok(deny);
    const strict = await cells.ok('%%kubectl exec strict -- sh -c "/bin/true || echo denied"');
    expect(strict.stdout).toContain('denied');
    const free = await cells.ok('%%kubectl exec free -- sh -c "/bin/true && echo allowed"');
    expect(free.stdout).toContain('allowed');
    await cells.ok('%stop guard');
    const after = await cells.ok('%%kubectl exec strict -- sh -c "/bin/true && echo allowed"');
    expect(after.stdout).toContain('allowed');
    await cells.close();
  });

  it('keeps one order and loses nothing when a node answers 300 ms later', async () => {
    const cells = session();
    const network = '  hostNetwork: true\n';
    const privileged = '    securityContext: {privileged: true}\n';
    await cells.ok(`%%deploy link\n${podOn('link', 'vm-1', network)}${privileged}`);
    // Debian's kernel has netem; that of this machine need not.
    const words = 'dev eth0 root netem delay 300ms';
    await cells.ok(`%%kubectl exec link -- tc qdisc add ${words}`);
    try {
      await cells.ok(execs);
      expect(states(cells, 'execs')).toEqual(['node1 running', 'vm-1 running']);
      await cells.ok('%%sh\nfor i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done');
      const started = (node: string): number =>
        cells.rows('rb').filter(row => row['node'] === node && row['comm'] === 'true').length;
      await cells.until(() => started('vm-1') >= 10 && started('node1') >= 10);
      const times = cells.rows('rb').map(row => BigInt(row['time'] ?? 0));
      expect(times).toEqual([...times].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)));
      expect(nodeOf(cells, 'execs', 'vm-1')?.lost).toBe('0');
    } finally {
      await cells.ok(`%%kubectl exec link -- tc qdisc del ${words}`);
    }
    await cells.close();
  });

  it('goes on when the machine of a node dies, and says so', async () => {
    const cells = session();
    await cells.ok(execs);
    await cells.ok('%%sh\n/bin/true');
    await cells.until(() => nodesOf(cells).size === 2);
    const [pid] = readFileSync(join(cluster.state, 'pids/vm-1'), 'utf8').split(' ');
    process.kill(Number(pid), 'SIGKILL');
    await expect
      .poll(() => nodeOf(cells, 'execs', 'vm-1')?.state, { timeout: 90_000, interval: 500 })
      .toMatch(/^(lost|late)$/);
    expect(Number(nodeOf(cells, 'execs', 'vm-1')?.events)).toBeGreaterThan(0);
    const own = (): number => cells.rows('rb').filter(row => row['node'] === 'node1' && row['comm'] === 'true').length;
    const before = own();
    await cells.run('%%sh\n/bin/true');
    await cells.until(() => own() > before);
    expect(cells.card('execs').state).toBe('attached');
    await expect.poll(() => nodeOf(cells, 'execs', 'vm-1')?.state, { timeout: 120_000, interval: 500 }).toBe('lost');
    expect(nodeOf(cells, 'execs', 'vm-1')?.message).not.toBe('');
    await cells.close();
  });
});
