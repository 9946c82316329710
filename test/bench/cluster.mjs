/**
 * A node of a real cluster: the cluster of KUBECONFIG when it is set and has agents, else one of the testbed that is made for
 * this. Against the way that kubectl-trace works: a job and its pod for each run, with the same image on the node.
 */
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot } from '../../kernel-gateway/lib/adapters/install/cache-root.js';
import { limitRow, medianOf, ratioRow } from './figures.mjs';
import { firstEvent, openWithTraffic } from './first-event.mjs';
import { openSession } from './lab-session.mjs';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const NUMBER = '7';
const SCRIPT = 'tracepoint:sched:sched_process_exec { printf("EXEC %s\\n", comm); }';
const CLOCK_TICKS_PER_S = 100;
const IDLE_S = 5;

/** @param {import('./bench.mjs').Bench} bench */
export async function benchCluster(bench) {
  const cluster = await openCluster();
  try {
    return [...(await firstEvents(bench, cluster)), ...(await throughput(bench)), ...(await idle(bench))];
  } finally {
    await cluster.close();
  }
}

/** @typedef {Awaited<ReturnType<typeof openCluster>>} Cluster */

async function openCluster() {
  const own = process.env['KUBECONFIG'] === undefined;
  const node = (/** @type {string} */ file, /** @type {string[]} */ words) =>
    run(process.execPath, [path.join(root, file), ...words]);
  const testbed = (/** @type {string[]} */ ...words) =>
    node('cluster/testbed/main.mjs', [...words, '--number', NUMBER]);
  const archive = JSON.parse((await node('bpf/image/main.mjs', ['archive', '--json'])).stdout);
  if (own) {
    await testbed('down');
    await testbed('up', '--nodes', '3', '--image', archive.file);
    process.env['KUBECONFIG'] = `/run/bpftest${NUMBER}/admin.conf`;
    await node('kernel-gateway/lib/cli/bpflab.js', ['cluster', 'up', '--image', archive.image]);
  }
  const components = path.join(cacheRoot(), 'testbed');
  const folder = readdirSync(components).find(name => name.startsWith('components-')) ?? '';
  const program = path.join(components, folder, 'kubectl');
  return {
    kubectl: program,
    image: String(archive.image),
    close: async () => {
      if (own) await testbed('down');
    }
  };
}

/**
 * @param {import('./bench.mjs').Bench} bench
 * @param {Cluster} cluster
 */
async function firstEvents(bench, cluster) {
  const target = 'pod';
  const pod = await openWithTraffic(target, path.join(bench.folder, 'session-pod'));
  /** @type {{ ours: number[], byHand: number[] }} */
  const ms = { ours: [], byHand: [] };
  const fresh = [];
  try {
    // In turns, so that the machine's load is the same for both; the first round warms both.
    for (let round = -1; round < bench.rounds; round++) {
      const measured = { ours: await firstEvent(pod, round), byHand: await byJob(cluster) };
      const another = openSession({
        target,
        folder: path.join(bench.folder, `fresh-${round}`),
        id: `bench-fresh-${round}`
      });
      const startedAt = performance.now();
      await another.run('%%sh\ntrue', 'first');
      const first = performance.now() - startedAt;
      await another.close();
      if (round < 0) continue;
      ms.ours.push(measured.ours);
      ms.byHand.push(measured.byHand);
      fresh.push(first);
    }
  } finally {
    await pod.close();
  }
  return [
    ratioRow('run → first event, node pod, against a job with its pod', ms, 0.15),
    limitRow('first cell of a new session, node pod', fresh, 600)
  ];
}

/**
 * As kubectl-trace does: a job whose pod runs bpftrace, its log followed until the first event.
 *
 * @param {Cluster} cluster
 * @returns {Promise<number>} milliseconds
 */
async function byJob({ kubectl, image }) {
  const name = `trace-${Date.now()}`;
  const container = {
    ...{ name: 'trace', image, imagePullPolicy: 'IfNotPresent', securityContext: { privileged: true } },
    command: ['/usr/bin/bpftrace', '-e', SCRIPT],
    volumeMounts: [{ name: 'tracing', mountPath: '/sys/kernel/tracing' }]
  };
  const job = {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'bpflab' } },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          ...{ restartPolicy: 'Never', hostPID: true, automountServiceAccountToken: false, containers: [container] },
          ...{ terminationGracePeriodSeconds: 0 },
          volumes: [{ name: 'tracing', hostPath: { path: '/sys/kernel/tracing' } }]
        }
      }
    }
  };
  const startedAt = performance.now();
  await piped(kubectl, ['create', '-f', '-'], JSON.stringify(job));
  await run(kubectl, ['-n', 'bpflab', 'wait', `--for=jsonpath={.status.ready}=1`, `job/${name}`, '--timeout=60s']);
  const logs = spawn(kubectl, ['-n', 'bpflab', 'logs', '-f', `job/${name}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ms = await new Promise((resolve, reject) => {
    let text = '';
    logs.stdout.on('data', bytes => {
      text += String(bytes);
      if (/^EXEC/m.test(text)) resolve(performance.now() - startedAt);
    });
    logs.on('close', () => reject(new Error(`the job's log ended: ${text}`)));
  });
  logs.kill();
  await run(kubectl, ['-n', 'bpflab', 'delete', 'job', name, '--cascade=foreground']);
  return ms;
}

/** @param {string} program @param {string[]} words @param {string} input */
async function piped(program, words, input) {
  const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(input);
  const status = await new Promise(resolve => child.on('close', resolve));
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${String(status)}`);
}

/** @param {import('./bench.mjs').Bench} bench */
async function throughput(bench) {
  const count = bench.quick ? 500_000 : 3_000_000;
  const one = await receive(bench, 'pod', count);
  const all = await receive(bench, 'pod:all', count);
  const row = (/** @type {string} */ what, /** @type {Received} */ got, /** @type {number} */ bar) => ({
    what,
    ours: `${(got.perSecond / 1e6).toFixed(2)} M/s, ${got.rows} of ${got.wanted}${got.lost > 0 ? `, ${got.lost} counted as lost` : ''}`,
    ...{ byHand: '', ratio: '', bar: `≥ ${(bar / 1e6).toFixed(2)} M/s, exact` },
    met: got.perSecond >= bar && got.rows === got.wanted,
    figures: { ...got }
  });
  return [
    row('events of 32 bytes from one node through exec', one, 200_000),
    row(`the same from ${all.nodes} nodes, merged by time`, all, 300_000)
  ];
}

/** @typedef {Awaited<ReturnType<typeof receive>>} Received */

/**
 * @param {import('./bench.mjs').Bench} bench
 * @param {string} target
 * @param {number} count - of each node
 */
async function receive(bench, target, count) {
  const opened = openSession({
    target,
    folder: path.join(bench.folder, target.replace(':', '-')),
    id: `bench-${target.replace(':', '-')}`
  });
  const source = readFileSync(path.join(import.meta.dirname, 'programs/ring.bpf.c'), 'utf8');
  const text = source.replace('wanted = 20000000', `wanted = ${count}`);
  /** @type {import('../../kernel-gateway/lib/adapters/session/live-view.js').LiveView | null} */
  let view = null;
  const storeOf = () => view?.store;
  let startedAt = 0;
  let wanted = count;
  /** @type {(value?: unknown) => void} */
  let finish = () => undefined;
  const finished = new Promise(resolve => (finish = resolve));
  opened.session.observe({
    opened: (record, live) => {
      if (record.kind === 'events') view = live;
    },
    changed: () => {
      const { store } = view ?? {};
      if (store === undefined || store.totalRows === 0n) return;
      startedAt ||= performance.now();
      // What the agent had to drop never comes.
      if (store.totalRows + BigInt(store.losses.agent) >= BigInt(wanted)) finish();
    }
  });
  try {
    await opened.run('%%sh\ntrue', 'warm');
    const nodes = (await opened.session.connection()).nodes?.members().length ?? 1;
    wanted = count * nodes;
    await opened.run(`%%bpf ring --pristine\n${text}`, 'ring');
    // The nodes of the testbed share a kernel: the calls of one are seen by all, and those of several would race.
    await opened.run("%%sh --bg --target pod\nexec perl -e 'syscall(124, 0) while 1'", 'calls');
    await finished;
    const seconds = (performance.now() - startedAt) / 1000;
    const rows = Number(storeOf()?.totalRows ?? 0n);
    const lost = Number(storeOf()?.losses.agent ?? 0);
    return { nodes, wanted, rows, lost, seconds, perSecond: rows / seconds };
  } finally {
    await opened.close();
  }
}

/**
 * What a session costs its node while nobody does anything: supervisor and worker together.
 *
 * @param {import('./bench.mjs').Bench} bench
 */
async function idle(bench) {
  const opened = openSession({ target: 'pod', folder: path.join(bench.folder, 'idle'), id: 'bench-idle' });
  await opened.run('%%sh\ntrue', 'warm');
  const { worker_pid: worker } = (await opened.session.connection()).hello;
  const supervisor = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))?.[1]);
  const pids = [worker, supervisor];
  const before = pids.map(cpuSeconds);
  await new Promise(resolve => setTimeout(resolve, IDLE_S * 1000));
  const cpu = pids.map(cpuSeconds).map((seconds, at) => ((seconds - (before[at] ?? 0)) / IDLE_S) * 100);
  const bytes = pids.reduce((sum, pid) => sum + privateBytes(pid), 0);
  await opened.close();
  const percent = cpu.reduce((sum, one) => sum + one, 0);
  return [
    {
      what: 'agent of an idle session on a node',
      ours: `${(bytes / 1e6).toFixed(1)} MB, ${percent.toFixed(2)} % CPU`,
      ...{ byHand: '', ratio: '', bar: '≤ 15 MB, ≤ 0.5 % CPU' },
      met: bytes <= 15e6 && percent <= 0.5,
      figures: { bytes, percent, median: medianOf(cpu) }
    }
  ];
}

/** @param {number} pid */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
}

/**
 * Proportional share: memory that both processes have is counted once.
 *
 * @param {number} pid
 */
function privateBytes(pid) {
  return Number(/^Pss:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024;
}
