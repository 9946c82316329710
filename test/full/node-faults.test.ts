import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { leftovers, outsideInventory } from '../integration/outside-inventory.js';
import { execs } from '../integration/programs.js';
import { requires } from '../requires.js';
import { pidsOf } from './pids-of.js';
import { TestCluster } from './test-cluster.js';

/** Answers every `connect` as an agent of another version would: `length | kind | stream | JSON`. */
const OTHER_AGENT = `#!/usr/bin/python3
import json, struct, sys
hello = json.dumps({"protocol": 99, "agent_version": "other"}).encode()
sys.stdout.buffer.write(struct.pack("<IBI", len(hello) + 5, 1, 0) + hello)
sys.stdout.flush()
sys.stdin.read()
`;

interface PodList {
  items: { metadata: { name: string; deletionTimestamp?: string } }[];
}

requires('vm', 'bpf')('faults of a node, and of what was put there', () => {
  const cluster = new TestCluster(3);
  const folder = mkdtempSync(join(tmpdir(), 'bpflab-node-faults-'));
  const open: LabFixture[] = [];
  let lab: Lab;
  let before: string[];

  const session = (): LabFixture => {
    const fixture = new LabFixture(lab, 'pod:node1');
    open.push(fixture);
    return fixture;
  };
  const up = (...words: string[]) => cluster.bpflab('cluster', 'up', '--image', cluster.image, ...words);
  const nothingIsLeft = (): Promise<void> =>
    expect.poll(() => leftovers(before, outsideInventory()), { timeout: 60_000 }).toEqual([]);
  /** The agents as the command line sees them. */
  const agents = async (): Promise<string> =>
    (await cluster.bpflab('cluster', 'status').catch((error: { stdout: string }) => error)).stdout;
  const isReady = (): Promise<void> =>
    expect.poll(agents, { timeout: 90_000, interval: 500 }).toContain('node1  ready');
  const failureOf = async (running: Promise<unknown>): Promise<string> => {
    const error = (await running.then(
      () => null,
      (cause: unknown) => cause
    )) as { stderr: string } | null;
    expect(error, 'it fails').not.toBeNull();
    return error?.stderr ?? '';
  };

  beforeAll(async () => {
    await cluster.up(1);
    before = outsideInventory();
    lab = createLab();
  }, 600_000);

  afterEach(async () => {
    for (const fixture of open.splice(0)) await fixture.close();
    await nothingIsLeft();
  });

  afterAll(async () => {
    await lab.close();
    rmSync(folder, { recursive: true });
    await cluster.down();
  }, 120_000);

  it('goes on when the kubelet is started anew', async () => {
    const cells = session();
    await cells.ok(execs);
    const running = cells.ok('%%sh\nfor i in $(seq 1 60); do echo line $i; sleep 0.1; done');
    await expect.poll(() => pidsOf('sleep\u00000.1').length).toBeGreaterThan(0);
    for (const pid of pidsOf('kubelet\u0000--config', cluster.state)) process.kill(pid, 'SIGKILL');
    expect((await running).stdout.trim().split('\n').at(-1)).toBe('line 60');
    expect(cells.card('execs').state).toBe('attached');
  });

  it('ends a command that takes all memory, and nothing else', async () => {
    const cells = session();
    await cells.ok(execs);
    const { outcome } = await cells.run(`%%sh\nexec python3 -c "x = b'1' * (1500 << 20)"`);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CELL_COMMAND_FAILED' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('signal 9'));
    expect(cells.card('execs').state).toBe('attached');
  });

  it('says that a taint has driven the agent away, and takes it back', async () => {
    const cells = session();
    await cells.ok(execs);
    await cluster.kubectl('taint', 'node', 'node1', 'closed=now:NoExecute');
    await cells.until(() => cells.card('execs').state === 'lost');
    await expect
      .poll(async () => (await cells.run('%%sh\ntrue')).outcome, { timeout: 60_000, interval: 1000 })
      .toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_NOT_UP' });
    expect((await cells.ok('%nodes')).stdout).toContain('closed=now:NoExecute');
    await cluster.kubectl('taint', 'node', 'node1', 'closed:NoExecute-');
    await isReady();
    expect((await cells.ok('%%sh\necho back')).stdout).toContain('back');
  });

  it('says that the node is down', async () => {
    const kubelets = pidsOf('kubelet\u0000--config', cluster.state);
    for (const pid of kubelets) process.kill(pid, 'SIGSTOP');
    try {
      await expect.poll(agents, { timeout: 120_000, interval: 1000 }).toContain('its node may be down');
      const { outcome } = await session().run('%%sh\ntrue');
      expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_NODE' });
    } finally {
      for (const pid of kubelets) process.kill(pid, 'SIGCONT');
    }
    await isReady();
    expect((await session().ok('%%sh\necho back')).stdout).toContain('back');
  });

  it('refuses agents of another version, and one command brings them to ours', async () => {
    const file = join(folder, 'other-agent');
    writeFileSync(file, OTHER_AGENT, { mode: 0o755 });
    // Any change of the pods' manifest stands for an older one, which the command replaces.
    await cluster.bpflab('cluster', 'up', '--image', cluster.image, '--profile', 'minimal-caps');
    const { items } = JSON.parse(await cluster.kubectl('-n', 'bpflab', 'get', 'pods', '-o', 'json')) as PodList;
    // The one that it replaces may still be there for a moment.
    const pod = items.find(({ metadata }) => metadata.deletionTimestamp === undefined)?.metadata.name ?? '';
    const program = '/usr/bin/bpflab-agent';
    const fake = Buffer.from(readFileSync(file)).toString('base64');
    const script = `rm ${program} && echo ${fake} | base64 -d >${program} && chmod 755 ${program}`;
    await cluster.kubectl('-n', 'bpflab', 'exec', pod, '--', 'sh', '-c', script);
    const { outcome } = await session().run('%%sh\ntrue');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_VERSION' });
    expect(outcome).toHaveProperty('message', 'The agent speaks protocol 99, the gateway 1.');
    expect(outcome).toHaveProperty('hint', expect.stringContaining('npx bpflab cluster up'));
    await up();
    expect((await session().ok('%%sh\necho back')).stdout).toContain('back');
  });

  it('says at once that nodes cannot get the image, and is put right by another one', async () => {
    const said = await failureOf(cluster.bpflab('cluster', 'up', '--image', 'bpflab.local/lab:absent'));
    expect(said).toMatch(/BPFLAB_CLUSTER_IMAGE.*Node "node1" cannot get the image — ImagePullBackOff/s);
    const { outcome } = await session().run('%%sh\ntrue');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_NODE' });
    await up();
    expect((await session().ok('%%sh\necho back')).stdout).toContain('back');
  });

  it('says that admission refuses the agents, in its own words, and puts the level right', async () => {
    const label = 'pod-security.kubernetes.io/enforce';
    await cluster.kubectl('label', 'namespace', 'bpflab', `${label}=baseline`, '--overwrite');
    await cluster.kubectl('-n', 'bpflab', 'delete', 'pods', '--all');
    const events = (): Promise<string> => cluster.kubectl('-n', 'bpflab', 'get', 'events', '-o', 'wide');
    await expect.poll(events, { timeout: 30_000 }).toContain('violates PodSecurity');
    const { outcome } = await session().run('%%sh\ntrue');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_NOT_UP' });
    expect(outcome).toHaveProperty('hint', expect.stringContaining('npx bpflab cluster up'));
    await up();
    expect((await session().ok('%%sh\necho back')).stdout).toContain('back');
  });

  it('holds sessions to the policy of the cluster, and its log says who did what', async () => {
    const file = join(folder, 'policy.yaml');
    const user = process.env['JUPYTERHUB_USER'] ?? userInfo().username;
    const rule = { users: [user], nodes: ['node?'], program_types: ['tracepoint'], machine_wide: 'refuse' };
    writeFileSync(file, JSON.stringify({ version: 1, limits: { sessions: 1 }, rules: [rule] }));
    await up('--policy', file);
    // A pod that is new has the file at once; others get it when the kubelet looks next.
    await cluster.kubectl('-n', 'bpflab', 'delete', 'pods', '--all');
    await up();
    const cells = session();
    await cells.ok(execs);
    const tracing = 'SEC("tp_btf/sched_process_exit") int BPF_PROG(on_exit) { return 0; }';
    const other = await cells.run(`%%bpf other\n${tracing}`);
    expect(other.outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_POLICY_REFUSED' });
    const script = await cells.run('%%bpftrace\nBEGIN { exit(); }');
    expect(script.outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_POLICY_REFUSED' });
    expect((await session().run('%%sh\ntrue')).outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_POLICY_LIMIT' });
    await cells.close();
    const { stdout } = await cluster.bpflab('cluster', 'audit', '--json');
    const { lines } = JSON.parse(stdout) as { lines: { what: string; user: string; run?: string; message?: string }[] };
    const loads = lines.filter(({ what }) => what === 'load' || what === 'end');
    expect(loads.map(({ what, user: who }) => [what, who])).toEqual([
      ['load', user],
      ['end', user]
    ]);
    expect(lines.filter(({ what }) => what === 'refused').map(({ message }) => message)).toEqual([
      expect.stringContaining('no programs of type "tracing"'),
      expect.stringContaining('has 1 sessions already')
    ]);
    await cluster.kubectl('-n', 'bpflab', 'delete', 'configmap', 'bpflab-policy');
  });

  it('goes on with an `up` that was killed half-way, and `down` removes what one has left', async () => {
    await cluster.bpflab('cluster', 'down');
    const killed = async (): Promise<void> => {
      const words = ['kernel-gateway/lib/cli/bpflab.js', 'cluster', 'up', '--image', cluster.image];
      const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', bytes => {
        said += String(bytes);
        if (said.includes('Apply DaemonSet')) child.kill('SIGKILL');
      });
      await once(child, 'exit');
    };
    await killed();
    await up();
    expect((await session().ok('%%sh\necho there')).stdout).toContain('there');
    await cluster.bpflab('cluster', 'down');
    await killed();
    await cluster.bpflab('cluster', 'down');
    const left = await cluster.kubectl('get', 'all,clusterroles', '-A', '-l', 'app.kubernetes.io/part-of=bpflab');
    expect(left).toBe('');
    await nothingIsLeft();
    await up();
  });
});
