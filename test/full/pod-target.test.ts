import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { leftovers, outsideInventory } from '../integration/outside-inventory.js';
import { execs } from '../integration/programs.js';
import { requires } from '../requires.js';

const run = promisify(execFile);
const fileOf = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const node = (file: string, words: string[]): Promise<{ stdout: string }> =>
  run(process.execPath, [fileOf(file), ...words], { maxBuffer: 1 << 24 });
const bpflab = (...words: string[]): Promise<{ stdout: string }> => node('kernel-gateway/lib/cli/bpflab.js', words);
/** The second of the clusters that one machine can have: it does not meet one that a person has started. */
const testbed = (...words: string[]): Promise<{ stdout: string }> =>
  node('cluster/testbed/main.mjs', [...words, '--number', '1']);
const kubectl = async (...words: string[]): Promise<void> => {
  const folder = readdirSync(join(cacheRoot(), 'testbed')).find(name => name.startsWith('components-')) ?? '';
  await run(join(cacheRoot(), 'testbed', folder, 'kubectl'), ['--kubeconfig', KUBECONFIG, ...words]);
};
const KUBECONFIG = '/run/bpftest1/admin.conf';

interface Status {
  agents: { node: string; name: string; isReady: boolean }[];
}

/** Processes of this machine whose command line begins with these words. */
function processesOf(...words: string[]): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(words.join('\0'));
      } catch {
        return false;
      }
    })
    .map(Number);
}

requires('vm', 'bpf')('a session on a node of a real cluster', () => {
  let lab: Lab;
  let image: string;
  let before: string[];
  const open: LabFixture[] = [];
  /** Starts a pod on the first node that runs a program of that name over and over. */
  const startPod = async (name: string, program: string, labels = `group=${name}`): Promise<void> => {
    const script = `cp /bin/true /tmp/${program}; sleep 1; while :; do /tmp/${program}; sleep 0.05; done`;
    const spec = { nodeName: 'node1', automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 };
    const options = [`--image=${image}`, `--labels=${labels}`, '--overrides', JSON.stringify({ spec }), '--command'];
    await kubectl('run', name, ...options, '--', 'sh', '-c', script);
  };
  const session = (target: string): LabFixture => {
    const fixture = new LabFixture(lab, target);
    open.push(fixture);
    return fixture;
  };

  beforeAll(async () => {
    const archive = JSON.parse((await node('bpf/image/main.mjs', ['archive', '--json'])).stdout) as {
      file: string;
      image: string;
    };
    image = archive.image;
    await testbed('down');
    await testbed('up', '--nodes', '2', '--image', archive.file);
    process.env['KUBECONFIG'] = KUBECONFIG;
    await bpflab('cluster', 'up', '--image', image);
    before = outsideInventory();
    lab = createLab();
  }, 600_000);

  afterAll(async () => {
    for (const fixture of open) await fixture.close();
    await lab.close();
    await testbed('down');
  }, 120_000);

  it('has an agent on every node, and may be brought up again', async () => {
    await bpflab('cluster', 'up', '--image', image);
    const { agents } = JSON.parse((await bpflab('cluster', 'status', '--json')).stdout) as Status;
    expect(agents.map(agent => [agent.node, agent.isReady])).toEqual([
      ['node1', true],
      ['node2', true]
    ]);
  });

  it('runs an unmodified program on the node that is named, and shows its events and maps', async () => {
    const cells = session('pod:node2');
    await cells.ok(execs);
    await cells.ok('%%sh\n/bin/true; /bin/true');
    await cells.ok('%wait events>=2 --timeout 20s');
    expect(cells.rows('rb').map(row => row['comm'])).toContain('true');
    await cells.close();
  });

  it('restricts a program in the kernel to the pods that are chosen, and follows them', async () => {
    await startPod('chosen', 'wanted');
    await startPod('other', 'foreign');
    await kubectl('wait', '--for=condition=Ready', 'pod/chosen', 'pod/other', '--timeout=60s');
    const cells = session('pod');
    const { stderr } = await cells.ok(execs.replace('%%bpf execs', '%%bpf execs --selector group=chosen'));
    expect(stderr).toContain('Restricted in the kernel to default/chosen.');
    expect(cells.card('execs').target).toBe('pod:node1');
    await cells.ok('%wait events>=20 --timeout 20s');
    await startPod('chosen-later', 'later', 'group=chosen');
    await cells.until(() => cells.rows('counts').some(row => row['key'] === 'later'));
    // The other pod starts programs all the time, and so do the node and this machine.
    const seen = cells.rows('counts').map(row => row['key'] ?? '');
    expect(seen.filter(name => !['sh', 'cp', 'sleep', 'wanted', 'later'].includes(name))).toEqual([]);
    await kubectl('delete', 'pod', 'chosen', 'chosen-later', 'other', '--grace-period=0', '--force');
    await cells.close();
  });

  it('says that no pod is chosen', async () => {
    const cells = session('pod:node1');
    const { outcome } = await cells.run(execs.replace('%%bpf execs', '%%bpf execs --pod nothing'));
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_POD_UNKNOWN' });
    await cells.close();
  });

  it('goes on where it was when the connection breaks: nothing is lost', async () => {
    const cells = session('pod:node1');
    const script = 'for i in $(seq 1 40); do echo line $i; sleep 0.1; done';
    await cells.ok('%%sh\ntrue');
    const running = cells.ok(`%%sh\n${script}`);
    await expect.poll(() => processesOf('sleep', '0.1').length).toBeGreaterThan(0);
    const connections = processesOf('/usr/bin/bpflab-agent', 'connect', cells.session.id);
    expect(connections).toHaveLength(1);
    for (const pid of connections) process.kill(pid, 'SIGKILL');
    const { stdout } = await running;
    expect(stdout.trim().split('\n')).toEqual(Array.from({ length: 40 }, (_, index) => `line ${index + 1}`));
    await cells.close();
  });

  it('ends a run and says why when its agent is removed, and starts anew with the next cell', async () => {
    const cells = session('pod:node1');
    await cells.ok(execs);
    const { agents } = JSON.parse((await bpflab('cluster', 'status', '--json')).stdout) as Status;
    const pod = agents.find(agent => agent.node === 'node1')?.name ?? '';
    const client = await (
      await import('../../kernel-gateway/src/adapters/kubernetes/cluster-client.js')
    ).openCluster(null);
    await client.core.deleteNamespacedPod({ namespace: 'bpflab', name: pod, gracePeriodSeconds: 1 });
    await cells.until(() => cells.card('execs').state === 'lost');
    await bpflab('cluster', 'up', '--image', image);
    const again = await cells.ok('%%sh\necho back');
    expect(again.stderr).toContain('was lost');
    expect(again.stdout).toContain('back');
    await cells.close();
  });

  it('says what is wrong with a node that has no agent', async () => {
    const cells = session('pod:moon');
    const { outcome } = await cells.run('%%sh\ntrue');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_NODE' });
    await cells.close();
  });

  it('leaves nothing on the nodes', async () => {
    await expect.poll(() => leftovers(before, outsideInventory()), { timeout: 15_000 }).toEqual([]);
  });

  it('removes all that it made', async () => {
    await bpflab('cluster', 'down');
    await expect(bpflab('cluster', 'status')).rejects.toMatchObject({ code: 1 });
  });
});
