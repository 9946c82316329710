import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { leftovers, outsideInventory } from '../integration/outside-inventory.js';
import { execs } from '../integration/programs.js';
import { requires } from '../requires.js';
import { ApiProxy, type Kubeconfig } from './api-proxy.js';
import { pidsOf } from './pids-of.js';
import { TestCluster } from './test-cluster.js';

const lines = (count: number): string =>
  Array.from({ length: count }, (_unused, index) => `line ${index + 1}`).join('\n');
const printing = (count: number): string => `for i in $(seq 1 ${count}); do echo line $i; sleep 0.1; done`;

requires('vm', 'bpf')('faults of a cluster', () => {
  const cluster = new TestCluster(5);
  const folder = mkdtempSync(join(tmpdir(), 'bpflab-kubeconfig-'));
  let lab: Lab;
  let before: string[];
  let proxy: ApiProxy;
  const restarted: ChildProcess[] = [];
  const open: LabFixture[] = [];

  /** A session whose cluster is that of a changed kubeconfig: the library reads it when the first cell runs. */
  const session = (change: (config: Kubeconfig) => void = () => undefined, target = 'pod:node1'): LabFixture => {
    const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as Kubeconfig;
    change(config);
    const file = join(folder, `${open.length}.conf`);
    writeFileSync(file, JSON.stringify(config));
    process.env['KUBECONFIG'] = file;
    const fixture = new LabFixture(lab, target);
    open.push(fixture);
    return fixture;
  };
  const throughProxy = (url: string) => (config: Kubeconfig) => ApiProxy.use(config, url);
  const withToken = (token: string) => (config: Kubeconfig) => {
    for (const one of config.users) one.user = { token };
  };
  const nothingIsLeft = (): Promise<void> =>
    expect.poll(() => leftovers(before, outsideInventory()), { timeout: 45_000 }).toEqual([]);
  let proxyUrl = '';

  beforeAll(async () => {
    await cluster.up(2);
    before = outsideInventory();
    lab = createLab();
    proxy = ApiProxy.of(cluster.state);
    proxyUrl = await proxy.open();
  }, 600_000);

  afterAll(async () => {
    for (const fixture of open) await fixture.close();
    await lab.close();
    await proxy.close();
    // The testbed knows only what it has started itself.
    for (const one of restarted) one.kill('SIGKILL');
    rmSync(folder, { recursive: true });
    process.env['KUBECONFIG'] = cluster.kubeconfig;
    await cluster.down();
  }, 120_000);

  it('waits as the API server asks when it throttles', async () => {
    const cells = session(throughProxy(proxyUrl));
    proxy.refuse = 2;
    const { stdout } = await cells.ok('%%sh\necho there');
    expect(stdout).toContain('there');
    expect(proxy.refused).toBe(2);
    await cells.close();
  });

  it('works with an API server that takes two seconds for each answer', async () => {
    const cells = session(throughProxy(proxyUrl));
    proxy.delayMs = 2000;
    const { stdout } = await cells.ok('%%sh\necho slowly');
    proxy.delayMs = 0;
    expect(stdout).toContain('slowly');
    await cells.close();
  });

  it('loses nothing when the sockets to the API server are cut', async () => {
    const cells = session(throughProxy(proxyUrl));
    await cells.ok('%%sh\ntrue');
    const running = cells.ok(`%%sh\n${printing(30)}`);
    await expect.poll(() => pidsOf('sleep\u00000.1').length).toBeGreaterThan(0);
    expect(proxy.cut()).toBeGreaterThan(0);
    expect((await running).stdout.trim()).toBe(lines(30));
    await cells.close();
  });

  it('says that a token is not good any more, and what to do', async () => {
    const cells = session(withToken('expired'));
    const { outcome } = await cells.run('%%sh\ntrue');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_ACCESS' });
    expect(outcome).toHaveProperty('hint', expect.stringContaining('log in to the cluster again'));
    await cells.close();
  });

  it('says that the certificate is not the one of this server', async () => {
    const cells = session(config => {
      for (const one of config.clusters) delete one.cluster['certificate-authority-data'];
    });
    const { outcome } = await cells.run('%%sh\ntrue');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_UNREACHABLE' });
    expect(outcome).toHaveProperty('hint', expect.stringContaining('certificate authority'));
    await cells.close();
  });

  it('names the permission that is missing, and the command that gives it works', async () => {
    await cluster.kubectl('create', 'serviceaccount', 'ann');
    const token = (await cluster.kubectl('create', 'token', 'ann')).trim();
    const cells = session(withToken(token));
    const { outcome } = await cells.run('%%sh\ntrue');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CLUSTER_ACCESS' });
    const hint = outcome.kind === 'failed' ? outcome.hint : '';
    expect(hint).toContain('("list" on "pods")');
    const command = /kubectl (create rolebinding .*)$/.exec(hint)?.[1] ?? '';
    await cluster.kubectl(...command.split(' '));
    const { stdout } = await cells.ok('%%sh\necho allowed');
    expect(stdout).toContain('allowed');
    await cells.close();
    await cluster.kubectl('delete', 'serviceaccount', 'ann');
  });

  it('goes on when the API server is started anew', async () => {
    const cells = session();
    await cells.ok(execs);
    const [pid = 0] = pidsOf('kube-apiserver', cluster.state);
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const running = cells.ok(`%%sh\n${printing(60)}`);
    await expect.poll(() => pidsOf('sleep\u00000.1').length).toBeGreaterThan(0);
    process.kill(pid, 'SIGKILL');
    const again: ChildProcess = spawn(words[0] ?? '', words.slice(1), { stdio: 'ignore' });
    restarted.push(again);
    expect((await running).stdout.trim()).toBe(lines(60));
    expect(cells.card('execs').state).toBe('attached');
    await cells.close();
  });

  it('says that the agent was killed, starts anew, and nothing of the run is left', async () => {
    const cells = session();
    await cells.ok(execs);
    for (const pid of pidsOf('/usr/bin/bpflab-agent\0supervise')) process.kill(pid, 'SIGKILL');
    await cells.until(() => cells.card('execs').state === 'lost');
    await expect
      .poll(async () => (await cells.run('%%sh\necho back')).stdout, { timeout: 60_000, interval: 1000 })
      .toContain('back');
    await cells.close();
    await nothingIsLeft();
  });

  it('leaves nothing when the gateway is killed', async () => {
    process.env['KUBECONFIG'] = cluster.kubeconfig;
    const file = join(folder, 'execs.bpf.c');
    writeFileSync(file, execs.split('\n').slice(1).join('\n'));
    const words = ['kernel-gateway/lib/cli/bpflab.js', 'run', file, '--target', 'pod:node1'];
    const gateway = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise<void>(resolve => gateway.stdout.on('data', () => resolve()));
    expect(leftovers(before, outsideInventory())).not.toEqual([]);
    gateway.kill('SIGKILL');
    await nothingIsLeft();
  });

  it('serves two gateways side by side', async () => {
    const other = createLab();
    const [mine, theirs] = [session(), new LabFixture(other, 'pod:node1')];
    open.push(theirs);
    await Promise.all([mine.ok(execs), theirs.ok(execs)]);
    await mine.ok('%%sh\n/bin/true');
    await Promise.all([mine, theirs].map(cells => cells.ok('%wait events>=1 --timeout 20s')));
    await theirs.close();
    await other.close();
    expect(mine.card('execs').state).toBe('attached');
    await mine.close();
    await nothingIsLeft();
  });
});
