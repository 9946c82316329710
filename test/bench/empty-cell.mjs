/**
 * A cell's request at the gateway → its first output, for a shell that prints an empty line: on this machine's own kernel,
 * and in the virtual machine beside the bare `exec` of the same words, which is what the guest takes by itself.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { WebSocket } from 'ws';
import { connectAgent } from '../../kernel-gateway/lib/adapters/agent/connect-agent.js';
import { cacheRoot } from '../../kernel-gateway/lib/adapters/install/cache-root.js';
import { createVmTarget } from '../../kernel-gateway/lib/adapters/vm/vm-target.js';
import { startServer } from '../../kernel-gateway/lib/main.js';
import { limitRow, medianOf, ratioRow } from './figures.mjs';

const LIMIT_MS = 60;

/**
 * @param {import('./bench.mjs').Bench} bench
 * @returns {Promise<import('./figures.mjs').Row[]>}
 */
export async function benchEmptyCell(bench) {
  const onHost = await openCells(bench, 'host');
  const host = [];
  try {
    for (let round = -WARM_UP; round < bench.rounds * 4; round++) {
      const measured = await onHost.firstOutputMs(round);
      if (round >= 0) host.push(measured);
    }
  } finally {
    await onHost.close();
  }
  return [limitRow('%%sh: request → first output, host target', host, LIMIT_MS), await benchGuest(bench)];
}

/** The first ones start the target and warm the path. */
const WARM_UP = 3;

/**
 * @param {import('./bench.mjs').Bench} bench
 * @returns {Promise<import('./figures.mjs').Row>}
 */
async function benchGuest(bench) {
  const cells = await openCells(bench, 'vm');
  const target = createVmTarget({ cacheRoot: cacheRoot(), installed: bench.installed });
  /** @type {{ ours: number[], byHand: number[] }} */
  const ms = { ours: [], byHand: [] };
  try {
    const agent = await openAgent(target);
    for (let round = -WARM_UP; round < bench.rounds * 4; round++) {
      const measured = {
        ours: await cells.firstOutputMs(round),
        byHand: await bareExecMs(agent, `bare${round + WARM_UP}`)
      };
      if (round < 0) continue;
      ms.ours.push(measured.ours);
      ms.byHand.push(measured.byHand);
    }
    await agent.close();
  } finally {
    await cells.close();
    await target.close();
  }
  const added = medianOf(ms.ours) - medianOf(ms.byHand);
  const row = ratioRow('%%sh: request → first output, vm; by hand: bare exec', ms, null);
  return { ...row, bar: `≤ ${LIMIT_MS} ms more: ${added.toFixed(0)}`, met: added <= LIMIT_MS };
}

/** @param {ReturnType<typeof createVmTarget>} target */
async function openAgent(target) {
  const { signal } = new AbortController();
  const channel = await target.open({ session: 'bench', kernel: null, signal, progress: () => {} });
  const realtime_ns = (BigInt(Date.now()) * 1_000_000n).toString();
  const entropy = 'ab'.repeat(32);
  return connectAgent(channel, { protocol: 1, session: 'bench', after: '0', lease_s: 10, realtime_ns, entropy });
}

/**
 * Asked of the agent → the first byte of the process.
 *
 * @param {import('../../kernel-gateway/lib/core/index.js').AgentConnection} agent
 * @param {string} run
 */
async function bareExecMs(agent, run) {
  const [stdout, stderr] = [agent.newStream(), agent.newStream()];
  const startedAt = performance.now();
  const ended = new Promise(resolve => agent.onStream(stderr, { data: () => {}, end: () => resolve(null) }));
  const first = new Promise(resolve => {
    agent.onStream(stdout, { data: () => resolve(performance.now() - startedAt), end: () => resolve(NaN) });
  });
  await agent.request('exec', { run, argv: ['bash', '-c', 'echo'], env: {}, stdout, stderr });
  const ms = await first;
  await ended;
  await agent.request('stop', { run });
  return /** @type {number} */ (ms);
}

/**
 * A gateway and a kernel of it.
 *
 * @param {import('./bench.mjs').Bench} bench
 * @param {'host' | 'vm'} target
 */
async function openCells({ folder }, target) {
  const notebookDir = path.join(folder, `empty-cell-${target}`);
  mkdirSync(notebookDir);
  const server = await startServer({ port: 0, target, token: 'bench', notebookDir });
  const origin = `127.0.0.1:${server.port}`;
  const response = await fetch(`http://${origin}/api/kernels?token=bench`, { method: 'POST' });
  const { id } = /** @type {{ id: string }} */ (await response.json());
  const socket = new WebSocket(`ws://${origin}/api/kernels/${id}/channels?token=bench&session_id=bench`);
  await new Promise(resolve => socket.once('open', resolve));
  return {
    /** @param {number} round */
    firstOutputMs: round => firstOutputMs(socket, `bench-${round}`),
    close: async () => {
      socket.close();
      await server.close();
    }
  };
}

/**
 * @param {WebSocket} socket
 * @param {string} msg_id
 * @returns {Promise<number>}
 */
function firstOutputMs(socket, msg_id) {
  const header = { msg_id, msg_type: 'execute_request', session: 'bench', username: '', date: '', version: '5.4' };
  const content = { code: '%%sh\necho', silent: false, store_history: false };
  const startedAt = performance.now();
  socket.send(JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, content, buffers: [] }));
  return new Promise((resolve, reject) => {
    let ms = -1;
    socket.on('message', function look(data) {
      const message = JSON.parse(data.toString());
      if (message.parent_header.msg_id !== msg_id) return;
      if (message.header.msg_type === 'stream' && ms < 0) ms = performance.now() - startedAt;
      if (message.header.msg_type !== 'status' || message.content.execution_state !== 'idle') return;
      socket.off('message', look);
      if (ms < 0) reject(new Error('the cell printed nothing'));
      else resolve(ms);
    });
  });
}
