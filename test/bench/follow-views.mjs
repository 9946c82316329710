/**
 * An event in the kernel → the live view of each of 50 followers: a program on this machine's own kernel, the gateway's real
 * server, and followers' websockets that hold windows open, as their pages do.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { startServer } from '../../kernel-gateway/lib/main.js';
import { limitRow } from './figures.mjs';

const VIEWERS = 50;
const LIMIT_MS = 250;
/** Longer than a tenth of a second: a window of its own for each event. */
const PAUSE_MS = 150;
const NOTEBOOK = 'shown.ipynb';
const [OWNER, FOLLOWER] = ['bench-owner', 'bench-follower'];

/** Beyond pid_max: no process has it, and who looks whether one lives asks for others. */
const NOBODY = 2_147_480_000;

/** Sees the signals to nobody. */
const PROGRAM = `%%bpf signals --set wanted=${NOBODY}
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
const volatile int wanted = 0;
struct event { int pid; int signal; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");
SEC("tp/syscalls/sys_enter_kill")
int on_kill(struct trace_event_raw_sys_enter *ctx)
{
	struct event *event;

	if ((int)ctx->args[0] != wanted || ctx->args[1] != 0)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	event->pid = ctx->args[0];
	event->signal = ctx->args[1];
	bpf_ringbuf_submit(event, 0);
	return 0;
}`;

/** @param {import('./bench.mjs').Bench} bench */
export async function benchFollowViews({ folder, rounds }) {
  const notebookDir = path.join(folder, 'follow-views');
  mkdirSync(notebookDir);
  const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] };
  writeFileSync(path.join(notebookDir, NOTEBOOK), JSON.stringify(notebook));
  const server = await startServer({ port: 0, target: 'host', token: OWNER, followerToken: FOLLOWER, notebookDir });
  const origin = `127.0.0.1:${server.port}`;
  try {
    const kernel = await openKernel(origin);
    const owner = await openClient(origin, kernel, OWNER);
    await execute(owner, PROGRAM);
    const viewers = await Promise.all(
      Array.from({ length: VIEWERS }, async () => follow(await openClient(origin, kernel, FOLLOWER)))
    );
    await Promise.all(viewers.map(viewer => viewer.sees(0)));
    /** @type {number[]} */
    const slowest = [];
    for (let count = 1; count <= rounds * 6; count++) {
      await delay(PAUSE_MS);
      const startedAt = performance.now();
      const seen = Promise.all(viewers.map(viewer => viewer.sees(count)));
      signalNobody();
      await seen;
      slowest.push(performance.now() - startedAt);
    }
    for (const { socket } of [{ socket: owner }, ...viewers]) socket.terminate();
    return [limitRow(`an event to the live view of the last of ${VIEWERS} followers, host`, slowest, LIMIT_MS)];
  } finally {
    await server.close();
  }
}

/** One system call, which fails. */
function signalNobody() {
  try {
    process.kill(NOBODY, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * The kernel of a notebook that is shown.
 *
 * @param {string} origin
 * @returns {Promise<string>}
 */
async function openKernel(origin) {
  /** @type {(route: string, body: object) => Promise<any>} */
  const post = async (route, body) => {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { authorization: `token ${OWNER}` } };
    return (await fetch(`http://${origin}/${route}`, init)).json();
  };
  const session = { path: NOTEBOOK, name: NOTEBOOK, type: 'notebook', kernel: { name: 'bpflab' } };
  const { kernel } = await post('api/sessions', session);
  await post('bpflab/api/follow', { path: NOTEBOOK, share: true });
  return kernel.id;
}

/**
 * @param {string} origin
 * @param {string} kernel
 * @param {string} token
 */
async function openClient(origin, kernel, token) {
  const id = randomUUID();
  const socket = new WebSocket(`ws://${origin}/api/kernels/${kernel}/channels?token=${token}&session_id=${id}`);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

/**
 * @param {WebSocket} socket
 * @param {string} msg_type
 * @param {object} content
 */
function send(socket, msg_type, content) {
  const header = { msg_id: randomUUID(), msg_type, session: 'bench', username: '', date: '', version: '5.4' };
  socket.send(JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, content, buffers: [] }));
  return header.msg_id;
}

/**
 * Resolves when the cell is through.
 *
 * @param {WebSocket} socket
 * @param {string} code
 */
async function execute(socket, code) {
  const id = send(socket, 'execute_request', { code, silent: false, store_history: false });
  const reply = await new Promise(resolve => {
    socket.on('message', function look(data) {
      const message = messageOf(data);
      if (message.header.msg_type !== 'execute_reply' || message.parent_header.msg_id !== id) return;
      socket.off('message', look);
      resolve(message);
    });
  });
  if (reply.content.status !== 'ok') throw new Error(JSON.stringify(reply.content));
}

/** @param {WebSocket} socket */
function follow(socket) {
  let total = -1;
  /** @type {{ count: number, resolve: (value: null) => void } | null} */
  let waiting = null;
  const look = () => {
    if (waiting === null || total < waiting.count) return;
    waiting.resolve(null);
    waiting = null;
  };
  socket.on('message', data => {
    const { content } = messageOf(data);
    if (content.data?.type !== 'window') return;
    total = Number(content.data.total);
    look();
  });
  const window = { type: 'window', first: 0, count: 20, follow: true, filters: [], paused: false };
  const comm = { comm_id: randomUUID(), target_name: 'bpflab.view' };
  send(socket, 'comm_open', { ...comm, data: { view: 'signals-1.events', window } });
  return {
    socket,
    /** @param {number} count */
    sees: count =>
      new Promise(resolve => {
        waiting = { count, resolve };
        look();
      })
  };
}

/**
 * A message of Jupyter's old wire format: text, or a table of offsets, the text and its buffers.
 *
 * @param {import('ws').RawData} data
 */
function messageOf(data) {
  const bytes = /** @type {Buffer} */ (data);
  if (bytes[0] === '{'.charCodeAt(0)) return JSON.parse(bytes.toString());
  const [from, to] = [bytes.readUInt32BE(4), bytes.readUInt32BE(0) > 1 ? bytes.readUInt32BE(8) : bytes.length];
  return JSON.parse(bytes.subarray(from, to).toString());
}
