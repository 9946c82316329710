/**
 * A cell's request at the gateway → its first output, for a shell that prints an empty line. On the host target: what is
 * measured is our side, without the time that a guest of the virtual machine takes.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { WebSocket } from 'ws';
import { startServer } from '../../kernel-gateway/lib/main.js';
import { limitRow } from './figures.mjs';

/**
 * @param {import('./bench.mjs').Bench} bench
 * @returns {Promise<import('./figures.mjs').Row[]>}
 */
export async function benchEmptyCell({ folder, rounds }) {
  const notebookDir = path.join(folder, 'empty-cell');
  mkdirSync(notebookDir);
  const server = await startServer({ port: 0, target: 'host', token: 'bench', notebookDir });
  const origin = `127.0.0.1:${server.port}`;
  const response = await fetch(`http://${origin}/api/kernels?token=bench`, { method: 'POST' });
  const { id } = /** @type {{ id: string }} */ (await response.json());
  const socket = new WebSocket(`ws://${origin}/api/kernels/${id}/channels?token=bench&session_id=bench`);
  await new Promise(resolve => socket.once('open', resolve));
  const ms = [];
  try {
    // The first ones start the target and warm the path.
    for (let round = -3; round < rounds * 4; round++) {
      const measured = await firstOutputMs(socket, `bench-${round}`);
      if (round >= 0) ms.push(measured);
    }
  } finally {
    socket.close();
    await server.close();
  }
  return [limitRow('%%sh: request → first output, host target', ms, 60)];
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
