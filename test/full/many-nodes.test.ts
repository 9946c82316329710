import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunNode } from '../../kernel-gateway/src/protocol/index.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { leftovers, outsideInventory } from '../integration/outside-inventory.js';
import { execs, hello } from '../integration/programs.js';
import { requires } from '../requires.js';
import { pidsOf } from './pids-of.js';
import { TestCluster } from './test-cluster.js';

/** Node of a process in an agent's container, by its environment; empty: of none. */
function nodeOf(pid: number): string {
  return /(?:^|\0)BPFLAB_NODE=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1] ?? '';
}

/** A pod of the lab image on a node, that starts a program of its own name about ten times a second. */
const podOn = (node: string, name: string, app: string): string => `%%deploy ${name.replace('-', '_')}
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${app}}}
spec:
  nodeName: ${node}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: $LAB_IMAGE
    imagePullPolicy: Never
    command: [bash, -c, "cp /bin/true /tmp/${name}; while :; do /tmp/${name}; sleep 0.1; done"]
`;

requires('vm', 'bpf')('a cell on every node of a real cluster', () => {
  const cluster = new TestCluster(5);
  let lab: Lab;
  let before: string[];
  const open: LabFixture[] = [];
  const session = (): LabFixture => {
    const fixture = new LabFixture(lab, 'pod:all');
    open.push(fixture);
    return fixture;
  };
  const states = (nodes: RunNode[] | undefined): string[] => (nodes ?? []).map(({ node, state }) => `${node} ${state}`);

  beforeAll(async () => {
    await cluster.up(3);
    before = outsideInventory();
    lab = createLab();
  }, 600_000);

  afterAll(async () => {
    for (const fixture of open) await fixture.close();
    await lab.close();
    await cluster.down();
  }, 120_000);

  it('runs a program everywhere, in one view with the node of each event', async () => {
    const cells = session();
    await cells.ok(execs);
    expect(states(cells.card('execs').nodes)).toEqual(['node1 running', 'node2 running', 'node3 running']);
    const { stdout } = await cells.ok('%%sh\n/bin/true; echo done');
    expect(stdout.trim().split('\n').sort()).toEqual(['node1 | done', 'node2 | done', 'node3 | done']);
    // The nodes are on one kernel here: each sees what all three have started.
    const rows = (): Record<string, string>[] => cells.rows('rb').filter(row => row['comm'] === 'true');
    await cells.until(() => new Set(rows().map(row => row['node'])).size === 3);
    const times = cells.rows('rb').map(row => BigInt(row['time'] ?? 0));
    expect(times).toEqual([...times].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)));
    const counts = cells.rows('counts').filter(row => row['key'] === 'true');
    expect(counts.map(row => row['node']).sort()).toEqual(['node1', 'node2', 'node3']);
    await cells.close();
  });

  it('gives each node its own prints, though all share a kernel', async () => {
    const cells = session();
    await cells.ok(hello);
    await cells.ok('%%sh\n/bin/true');
    await cells.ok('%wait events>=3 --timeout 20s');
    await cells.until(() => new Set(cells.rows('printk').map(row => row['node'])).size === 3);
    await cells.close();
  });

  it('sees only the chosen pods, each node its own, and those that come later', async () => {
    const cells = session();
    await cells.ok(podOn('node1', 'web-1', 'web'));
    await cells.ok(podOn('node2', 'web-2', 'web'));
    await cells.ok(podOn('node2', 'other', 'other'));
    await cells.ok(execs.replace(/^%%bpf \S+/, '$& --selector app=web'));
    // Beside these a pod starts only sleep.
    const rows = (): Record<string, string>[] => cells.rows('rb').filter(row => row['comm'] !== 'sleep');
    const seen = (): string[] => [...new Set(rows().map(row => `${row['node']} ${row['comm']}`))].sort();
    await cells.until(() => seen().length === 2);
    const messages = (): string[] => (cells.card('execs').nodes ?? []).map(({ node, message }) => `${node} ${message}`);
    expect(messages()).toEqual(['node1 ', 'node2 ', 'node3 none of the chosen pods runs here']);
    await cells.ok(podOn('node3', 'web-3', 'web'));
    await cells.until(() => seen().includes('node3 web-3'));
    // The pod that came later began with a shell and a copy.
    expect(seen().filter(row => !/bash|cp$/.test(row))).toEqual(['node1 web-1', 'node2 web-2', 'node3 web-3']);
    await cells.until(() => messages().includes('node3 '));
    await cells.close();
  });

  it('runs a bpftrace script everywhere, and in the chosen pods only', async () => {
    const cells = session();
    const script = 'tracepoint:sched:sched_process_exec { @n[comm] = count(); }';
    const all = `%%bpftrace all\n${script}\ninterval:ms:500 { print(@n); printf("here\\n"); }`;
    await cells.ok(all);
    const rows = (): Record<string, string>[] => (cells.hasView('@n') ? cells.rows('@n') : []);
    await cells.ok('%%sh\n/bin/true');
    await cells.until(() => new Set(rows().map(row => row['node'])).size === 3);
    expect(states(cells.card('all').nodes)).toEqual(['node1 running', 'node2 running', 'node3 running']);
    await cells.ok('%stop');
    await cells.ok(podOn('node1', 'web-4', 'four'));
    await cells.ok(podOn('node2', 'web-5', 'five'));
    await cells.ok(`%%bpftrace some --selector app=four\n${script}\ninterval:ms:500 { print(@n); }`);
    await cells.until(() => rows().some(row => row['key'] === 'web-4'));
    await cells.ok('%stop');
    const names = rows().map(row => `${row['node']} ${row['key']}`);
    expect(names).toContain('node1 web-4');
    expect(names.filter(name => /web-5|bpftrace/.test(name))).toEqual([]);
    await cells.close();
  });

  it('goes on without a node that leaves, and with it again when it is back', async () => {
    const cells = session();
    await cells.ok(execs);
    await cluster.kubectl(
      '-n',
      'bpflab',
      'delete',
      'pod',
      '--field-selector',
      'spec.nodeName=node2',
      '--grace-period=1'
    );
    await cells.until(() => states(cells.card('execs').nodes).includes('node2 lost'));
    await cells.until(() => states(cells.card('execs').nodes).includes('node2 running'));
    const seen = (): number => cells.rows('rb').filter(row => row['node'] === 'node2' && row['comm'] === 'true').length;
    const earlier = seen();
    await cells.ok('%%sh\n/bin/true');
    await cells.until(() => seen() > earlier);
    await cells.close();
  });

  it('does not wait for a node whose connection stands still, and takes it in again', async () => {
    const cells = session();
    await cells.ok(execs);
    const before = pidsOf('bpflab-agent\u0000connect');
    const stopped = before.filter(pid => nodeOf(pid) === 'node2');
    expect(stopped.length, 'connections to node2').toBeGreaterThan(0);
    const count = (): number =>
      cells.rows('rb').filter(row => row['node'] !== 'node2' && row['comm'] === 'true').length;
    const stateOf = (card: string): string[] => states(cells.card(card).nodes);
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    try {
      const earlier = count();
      await cells.run('%%sh\n/bin/true');
      await cells.until(() => count() > earlier && stateOf('execs').includes('node2 late'));
      // Whoever is known to be late is not asked: the cell takes as long as on the others.
      await cells.ok('%%bpf second\n' + execs.replace(/^%%.*\n/, ''));
      expect(stateOf('second')).toEqual(['node1 running', 'node2 late', 'node3 running']);
    } finally {
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
    }
    await cells.until(() => stateOf('second').includes('node2 running') && stateOf('execs').includes('node2 running'));
    await cells.close();
  });

  it('goes on when a node dies in mid-run, and counts what it had sent', async () => {
    const cells = session();
    await cells.ok(execs);
    await cells.ok('%%sh\n/bin/true');
    await cells.until(() => cells.rows('rb').some(row => row['node'] === 'node3' && row['comm'] === 'true'));
    for (const pid of pidsOf('run-node.sh', `${cluster.state}/node3`)) process.kill(pid, 'SIGKILL');
    const node = (): RunNode | undefined => cells.card('execs').nodes?.find(one => one.node === 'node3');
    await expect.poll(() => node()?.state, { timeout: 60_000, interval: 500 }).toBe('lost');
    expect(Number(node()?.events)).toBeGreaterThan(0);
    const total = (): bigint => BigInt(cells.view('rb').snapshot.total_rows);
    const before = total();
    await cells.ok('%%sh\n/bin/true');
    await cells.until(() => total() > before);
    expect(cells.card('execs').state).toBe('attached');
    await cells.close();
  });

  it('leaves nothing on the nodes', { timeout: 90_000 }, async () => {
    // The dead node's worker lives on, cut off, until its lease ends: 20 s after it last heard of us.
    await expect.poll(() => leftovers(before, outsideInventory()), { timeout: 75_000 }).toEqual([]);
  });
});
