/** 500 simulated nodes of 1,000 events a second each, over real sockets: what merging them takes of the gateway. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { connectAgent } from '../../kernel-gateway/lib/adapters/agent/connect-agent.js';
import { StreamChannel } from '../../kernel-gateway/lib/adapters/channel/stream-channel.js';
import { MergedStream } from '../../kernel-gateway/lib/adapters/nodes/merged-stream.js';
import { openNodeGroup } from '../../kernel-gateway/lib/adapters/nodes/open-node-group.js';
import { createRecordStore } from '../../kernel-gateway/lib/core/store/record-store.js';
import { mbText } from './figures.mjs';

const RATE = 1000;
const WINDOW_MS = 100;
const WINDOW_ROWS = 60;
const MIB = 1024 * 1024;
/** What a view keeps in memory; the rest is evicted here, and counted. */
const LIMITS = { maxRows: 10_000_000, maxBytes: 64 * MIB, memoryBytes: 64 * MIB };
/** Type 2: a record of four 64-bit numbers. */
const types = {
  types: [
    /** @type {const} */ ({ kind: 'void' }),
    /** @type {const} */ ({ kind: 'int', name: 'u64', size: 8, encoding: 'unsigned' }),
    /** @type {const} */ ({
      kind: 'struct',
      name: 'record',
      size: 32,
      members: ['a', 'b', 'c', 'd'].map((name, at) => ({ name, type: 1, bitOffset: at * 64, bitSize: 0 }))
    })
  ]
};

/** @param {import('./bench.mjs').Bench} bench */
export async function benchManyNodes(bench) {
  const nodes = bench.quick ? 50 : 500;
  const seconds = bench.quick ? 3 : 10;
  const socket = path.join(bench.folder, 'agents.sock');
  const words = [path.join(import.meta.dirname, 'many-agents.mjs'), socket, String(RATE), String(seconds)];
  const agents = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(agents.stdout, 'data');
    const names = Array.from({ length: nodes }, (_unused, index) => `node${index + 1}`);
    const connection = await openNodeGroup({
      follow: () => Promise.resolve({ nodes: names, close: () => undefined }),
      connect: node => connectAgent(channelTo(socket), { protocol: 1, session: node, after: '0' }),
      progress: () => undefined
    });
    const measured = await receive(connection, nodes * RATE * seconds, seconds);
    await connection.close();
    return [row(nodes, measured)];
  } finally {
    agents.stdin.end();
    agents.kill();
  }
}

/** @typedef {Awaited<ReturnType<typeof receive>>} Measured */

/**
 * @param {number} nodes
 * @param {Measured} measured
 */
function row(nodes, measured) {
  const { rows, lost, cpu, windowsPerS, grownBytes, isOrdered } = measured;
  return {
    what: `${nodes} simulated nodes × ${RATE} events/s, merged by time`,
    ours: `${cpu.toFixed(2)} cores, ${windowsPerS.toFixed(1)} windows/s, +${mbText(grownBytes)}, ${rows} rows`,
    byHand: '',
    ratio: '',
    bar: '≤ 1 core, 10 Hz, every record counted',
    met: cpu <= 1 && windowsPerS >= 9.5 && lost === 0 && isOrdered,
    figures: { nodes, ...measured }
  };
}

/** @param {string} socketPath */
function channelTo(socketPath) {
  const socket = connect(socketPath);
  const ended = once(socket, 'close').then(() => 'the socket was closed');
  return new StreamChannel({ readable: socket, writable: socket, ended, end: () => socket.destroy() });
}

/**
 * Takes all records into a store that a viewer looks at ten times a second.
 *
 * @param {import('../../kernel-gateway/lib/core/index.js').AgentConnection} connection
 * @param {number} wanted - records
 * @param {number} trafficS - seconds that they are the traffic of, however long a busy machine takes
 */
async function receive(connection, wanted, trafficS) {
  const { nodes } = connection;
  if (nodes === undefined) throw new Error('the connection has no nodes');
  const store = createRecordStore({ types, type: 2, source: 'ring', nodes, limits: LIMITS });
  const stream = connection.newStream();
  /** @type {(value?: unknown) => void} */
  let finish = () => undefined;
  const finished = new Promise(resolve => (finish = resolve));
  const merge = new MergedStream(nodes, {
    deliver: (payload, node) => {
      store.append(payload, node);
      if (store.totalRows >= BigInt(wanted)) finish();
    },
    late: () => undefined
  });
  connection.onStream(stream, { data: (payload, node) => merge.take(payload, node), end: () => merge.end() });
  const run = 'bench';
  const log_stream = connection.newStream();
  connection.onStream(log_stream, { data: () => undefined, end: () => undefined });
  await connection.request('load', { run, sha256: '', object_name: 'bench', log_stream });
  await connection.request('subscribe', { run, stream, source: 'ring', map: 'rb' });
  const memoryBefore = process.memoryUsage().rss;
  let windows = 0;
  let isOrdered = true;
  const look = setInterval(() => {
    windows += 1;
    isOrdered &&= isSorted(store);
  }, WINDOW_MS);
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await connection.request('attach', { run, program: 'on_exec' });
  await finished;
  const { user, system } = process.cpuUsage(cpuBefore);
  const elapsedS = (performance.now() - startedAt) / 1000;
  clearInterval(look);
  return {
    rows: Number(store.totalRows),
    lost: wanted - Number(store.totalRows) + Number(store.losses.agent),
    cpu: (user + system) / 1e6 / trafficS,
    windowsPerS: windows / elapsedS,
    grownBytes: process.memoryUsage().rss - memoryBefore,
    elapsedS,
    isOrdered
  };
}

/** @param {import('../../kernel-gateway/lib/core/store/record-store.js').RecordStore} store */
function isSorted(store) {
  const window = { first: 0, count: WINDOW_ROWS, follow: true, filters: [], paused: false };
  const { buffers } = store.window({ type: 'window', ...window, columns: ['time', 'node', 'a'] });
  const bytes = buffers[0] ?? new Uint8Array(0);
  const times = new BigUint64Array(bytes.slice().buffer);
  return times.every((time, at) => at === 0 || time >= (times[at - 1] ?? 0n));
}
