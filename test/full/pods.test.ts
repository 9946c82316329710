import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openCluster } from '../../kernel-gateway/src/adapters/kubernetes/cluster-client.js';
import { openPodShell, placeOfNode } from '../../kernel-gateway/src/adapters/kubernetes/pod-shell.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { requires } from '../requires.js';
import { TestCluster } from './test-cluster.js';

/** A test cluster of this file's own. */
const NUMBER = 4;
const cluster = new TestCluster(NUMBER);

const LICENSE = 'char LICENSE[] SEC("license") = "GPL";';

/** A pod of the lab image on the node, that starts /bin/true about ten times a second. */
const podOf = (name: string, labels = `app: ${name}`): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {${labels}}}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: $LAB_IMAGE
    imagePullPolicy: Never
    command: [sh, -c, "while :; do /bin/true; sleep 0.1; done"]
`;
const busyPods = (count: number): string =>
  Array.from({ length: count }, (_, index) => podOf(`busy-${index + 1}`, 'app: busy')).join('---');

/** Each program that is started, with every number that names a pod. */
const execs = (name = 'execs', ring = 'rb', options = ''): string => `%%bpf ${name} ${options}
struct event { u64 cgroup_id; u32 pid; u32 netns; u32 mntns; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1048576); } ${ring} SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, u64); __type(value, u64); } by_cgroup SEC(".maps");
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	u64 id = bpf_get_current_cgroup_id(), one = 1, *count = bpf_map_lookup_elem(&by_cgroup, &id);
	struct event *e = bpf_ringbuf_reserve(&${ring}, sizeof(*e), 0);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&by_cgroup, &id, &one, BPF_ANY);
	if (!e)
		return 0;
	e->cgroup_id = id;
	e->pid = task->tgid;
	e->netns = task->nsproxy->net_ns->ns.inum;
	e->mntns = task->nsproxy->mnt_ns->ns.inum;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, 0);
	return 0;
}
${LICENSE}`;

requires('vm', 'bpf')('pods in the picture, on a node of a real cluster', () => {
  let lab: Lab;
  const open: LabFixture[] = [];
  const session = (): LabFixture => {
    const fixture = new LabFixture(lab, 'pod');
    open.push(fixture);
    return fixture;
  };

  beforeAll(async () => {
    await cluster.up(1);
    lab = createLab();
  }, 600_000);

  afterEach(async () => {
    for (const fixture of open.splice(0)) await fixture.close();
  });

  afterAll(async () => {
    await lab.close();
    await cluster.down();
  }, 120_000);

  it('looks at the cluster and changes it, and a session takes away what it deployed', async () => {
    const cells = session();
    expect((await cells.ok('%nodes')).stdout).toMatch(/^node1 +yes +\d+\.\d+.* +ready/m);
    await cells.ok(`%%deploy web${podOf('web')}`);
    expect((await cells.ok('%pods --selector app=web')).stdout).toMatch(/^default\/web +node1 +1\/1 +Running/m);
    const got = await cells.ok('%%kubectl\nget pods -o wide\nexec web -- sh -c "echo in; hostname"\nlogs web --tail 1');
    expect(got.stdout).toMatch(/^web +1\/1 +Running/m);
    expect(got.stdout).toContain('\nin\nweb\n');
    const status = await cells.run('%%kubectl exec web -- sh -c "exit 3"');
    expect(status.outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CELL_COMMAND_FAILED' });
    await cells.ok('%%kubectl apply -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {a: b}');
    const taken = await cells.run(
      '%%deploy taken\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {a: c}'
    );
    expect(taken.outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_DEPLOY_TAKEN' });
    await cells.close();
    const later = session();
    const left = await later.ok('%%kubectl\nget pods -o name\nget cm own -o yaml\ndelete cm own');
    expect(left.stdout).not.toContain('pod/web');
    expect(left.stdout).toContain('a: b');
  });

  it('keeps the credential from what cells run', async () => {
    const cells = session();
    const config = readFileSync(cluster.kubeconfig, 'utf8');
    const key = /client-key-data"?: "?([\w+/=]+)/.exec(config)?.[1];
    expect(key).toMatch(/^[\w+/=]{40,}$/);
    const { stdout } = await cells.ok(
      '%%sh\nenv; cat ~/.kube/config 2>&1; ls /var/run/secrets 2>&1; cat /proc/self/environ'
    );
    expect(stdout).not.toContain(key ?? '');
    expect(stdout).not.toContain('KUBECONFIG');
  });

  it('names pods by cgroup, and those that come in mid-run', async () => {
    const cells = session();
    await cells.ok(`%%deploy web${podOf('web', 'app: web, tier: front')}`);
    await cells.ok(execs());
    const named = (pod: string) => cells.rows('rb').filter(row => row['pod'] === pod && row['comm'] === 'true');
    await cells.until(() => named('web').length > 0);
    expect(named('web')[0]).toMatchObject({ namespace: 'default', container: 'main', node: 'node1' });
    expect(named('web')[0]?.['labels']).toContain('app=web,');
    await cells.until(() => cells.rows('by_cgroup').some(row => row['pod'] === 'web'));
    await cells.ok(`%%deploy later${podOf('later')}`);
    await cells.until(() => named('later').length > 0);
    // What the node itself does has no pod.
    await cells.ok('%stop');
  });

  it('lets only the chosen one of twenty busy pods write: the bytes of the ring fall by 15 times', async () => {
    const cells = session();
    await cells.ok(`%%deploy busy --timeout 180s${busyPods(20)}`);
    // Both at the same time: how much the pods get done is the same for both.
    await cells.ok(execs('everywhere', 'every_rb'));
    await cells.ok(execs('chosen', 'chosen_rb', '--pod busy-7'));
    const rows = (ring: string): number => Number(cells.view(ring).snapshot.total_rows);
    const before = { all: rows('every_rb'), one: rows('chosen_rb') };
    await cells.ok('%wait 8s');
    const all = rows('every_rb') - before.all;
    const one = rows('chosen_rb') - before.one;
    expect(one).toBeGreaterThan(10);
    // Records of both rings are of one size: so do the bytes.
    expect(all / one).toBeGreaterThanOrEqual(15);
  });

  it('restricts a whole application and a bpftrace script', async () => {
    const cells = session();
    await cells.ok(`%%deploy pair${podOf('one')}---${podOf('two')}`);
    await cells.ok(`%%bpf seen --no-attach
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, u64); __type(value, u64); } groups SEC(".maps");
SEC("tp_btf/sched_process_exec") int on_exec(void *ctx)
{
	u64 id = bpf_get_current_cgroup_id(), one = 1;

	bpf_map_update_elem(&groups, &id, &one, BPF_ANY);
	return 0;
}
${LICENSE}`);
    const { stdout, stderr } = await cells.ok(`%%user app --pod one --for 20s
#include <stdio.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "seen.skel.h"
int main(void)
{
	struct seen_bpf *s = seen_bpf__open_and_load();
	unsigned long long key, *at = NULL;
	int groups = 0;

	if (!s || seen_bpf__attach(s))
		return 1;
	sleep(3);
	while (!bpf_map_get_next_key(bpf_map__fd(s->maps.groups), at, &key)) {
		at = &key;
		groups++;
	}
	printf("groups %d\\n", groups);
	seen_bpf__destroy(s);
	return 0;
}`);
    expect(stderr).toContain('Restricted in the kernel to default/one.');
    expect(stdout).toContain('groups 1\n');
    await cells.ok(
      '%%bpftrace bt --selector app=two --for 4s\ntracepoint:sched:sched_process_exec { @groups[cgroup] = count(); }'
    );
    expect(cells.rows('@groups')).toHaveLength(1);
    expect(cells.hasView('@bpflab_pods')).toBe(false);
  });

  it("probes a file of the pod's own root", async () => {
    const cells = session();
    const own = podOf('own').replace(
      'while :; do /bin/true; sleep 0.1; done',
      'mkdir /tmp/own; cp /lib/x86_64-linux-gnu/libc.so.6 /tmp/own; while :; do LD_LIBRARY_PATH=/tmp/own sleep 0.1; done'
    );
    await cells.ok(`%%deploy own${own}`);
    const { stdout, stderr } = await cells.ok(`%%bpf naps --pod own
int naps;
SEC("uprobe//tmp/own/libc.so.6:clock_nanosleep") int on_nap(void *ctx) { __sync_fetch_and_add(&naps, 1); return 0; }
${LICENSE}
`);
    expect(stdout + stderr).toContain('default/own');
    await cells.until(() => cells.rows('globals').some(row => row['name'] === 'naps' && Number(row['value']) > 3));
    const missing = await cells.run(`%%bpf none --pod own
SEC("uprobe//tmp/nothing:f") int on_f(void *ctx) { return 0; }
${LICENSE}`);
    expect(missing.outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_ATTACH_FAILED' });
  });

  it('opens a terminal in a container, as large as the page says, and in the agent of a node', async () => {
    const cells = session();
    await cells.ok(`%%deploy web${podOf('web')}`);
    const client = await openCluster(null);
    const place = { namespace: 'default', pod: 'web', container: 'main' };
    const shell = await openPodShell(client, place, { rows: 30, cols: 100 });
    let text = '';
    shell.onData(part => (text += part));
    const ended = new Promise<void>(resolve => shell.onExit(resolve));
    shell.write('stty size; hostname; tty\n');
    await expect.poll(() => text, { timeout: 20_000 }).toMatch(/30 100[^]*web[^]*\/dev\/pts\//);
    shell.resize(40, 120);
    shell.write('stty size\n');
    await expect.poll(() => text, { timeout: 20_000 }).toContain('40 120');
    shell.write('exit\n');
    await ended;
    const onNode = await openPodShell(client, await placeOfNode(client, 'node1'), { rows: 24, cols: 80 });
    let said = '';
    onNode.onData(part => (said += part));
    onNode.write('echo agent-$((40 + 2)) $(ls /usr/bin/bpflab-agent)\n');
    await expect.poll(() => said, { timeout: 20_000 }).toContain('agent-42 /usr/bin/bpflab-agent');
    onNode.kill();
  });

  it('lets a hook of the whole node deny in one pod only', async () => {
    const cells = session();
    await cells.ok(`%%deploy pair${podOf('one')}---${podOf('two')}`);
    await cells.ok(`%%bpf deny --pod one --cgroup bpftest${NUMBER}-1
SEC("cgroup/connect4") int deny(struct bpf_sock_addr *ctx) { return 0; }
${LICENSE}`);
    const connect = async (pod: string): Promise<string> => {
      const { stderr } = await cells.run(`%%kubectl exec ${pod} -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'`);
      return stderr;
    };
    expect(await connect('one')).toContain('Operation not permitted');
    expect(await connect('two')).toContain('Connection refused');
  });
});
