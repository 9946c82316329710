/** A change of a notebook that 50 people follow, from the owner's page to each of them: over real websockets, through the desk and its gate. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { FollowDesk } from '../../kernel-gateway/lib/adapters/jupyter/follow/follow-desk.js';
import { limitRow } from './figures.mjs';

const VIEWERS = 50;
const NAME = 'talk.ipynb';
/** A notebook of a talk: 40 cells of 2 KB. */
const CELLS = Array.from({ length: 40 }, (_unused, index) => ({
  id: `cell-${index}`,
  type: 'code',
  source: 'x'.repeat(2000)
}));

/** @param {import('./bench.mjs').Bench} bench */
export async function benchFollow({ rounds }) {
  const desk = new FollowDesk();
  desk.share(NAME);
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => {
    const scope = request.url === '/owner' ? 'owner' : 'follower';
    desk.connect({ socket, scope, params: [NAME], query: new globalThis.URLSearchParams() });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (http.address());
  const open = async (/** @type {string} */ who) => {
    const socket = new WebSocket(`ws://127.0.0.1:${address.port}/${who}`);
    await once(socket, 'open');
    return socket;
  };
  const owner = await open('owner');
  const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => open('viewer')));
  /** @type {number[]} */
  const slowest = [];
  for (let round = 0; round < rounds * 3; round++) {
    const heard = Promise.all(viewers.map(viewer => once(viewer, 'message')));
    const sentAt = performance.now();
    owner.send(JSON.stringify({ type: 'notebook', cells: CELLS, active: `cell-${round % CELLS.length}` }));
    await heard;
    slowest.push(performance.now() - sentAt);
  }
  for (const socket of [owner, ...viewers]) socket.terminate();
  sockets.close();
  http.close();
  return [limitRow(`a change to the last of ${VIEWERS} followers, notebook of 80 KB`, slowest, 250)];
}
