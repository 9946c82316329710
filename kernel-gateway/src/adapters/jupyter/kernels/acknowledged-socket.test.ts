import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { AcknowledgedSocket } from './acknowledged-socket.js';

let server: WebSocketServer;
let client: WebSocket;
let socket: AcknowledgedSocket;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [connected] = (await accepted) as [WebSocket];
  socket = new AcknowledgedSocket(connected);
  if (client.readyState !== client.OPEN) await once(client, 'open');
});
afterEach(async () => {
  client.terminate();
  const closed = once(server, 'close');
  server.close();
  await closed;
});

it('counts what a client has not read, whatever the buffers between them have taken', async () => {
  client.pause();
  const arrived: number[] = [];
  for (let n = 0; n < 10; n++) socket.send(new Uint8Array(10_000), () => arrived.push(n));
  expect(socket.bufferedBytes).toBe(100_000);
  const all = new Promise<void>(resolve => socket.send(new Uint8Array(10_000), resolve));
  client.resume();
  await all;
  expect(arrived).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(socket.bufferedBytes).toBe(0);
});

it('is not misled by answers that nobody asked for', async () => {
  client.pause();
  socket.send(new Uint8Array(1000), () => undefined);
  const heard = once([...server.clients][0]!, 'message');
  client.pong('999999');
  client.pong('x');
  client.pong('-1');
  client.send('done');
  await heard;
  expect(socket.bufferedBytes).toBe(1000);
});
