/**
 * `node many-agents.mjs SOCKET RATE SECONDS`: as many agents as connections come to the socket, each of which sends RATE
 * records of 32 bytes a second, ten payloads a second, from when its program is attached. In a process of its own, so that
 * the gateway's work can be told from it.
 */
import { createServer } from 'node:net';
import { encodeFrame } from '../../kernel-gateway/lib/core/agent/encode-frame.js';
import { FrameDecoder } from '../../kernel-gateway/lib/core/agent/frame-decoder.js';
import { recordPayload } from '../../kernel-gateway/lib/core/store/record-payload.js';
import { FrameKind } from '../../kernel-gateway/lib/protocol/index.js';

const [socketPath = '', rateText = '', secondsText = ''] = process.argv.slice(2);
const PAYLOADS_PER_S = 10;
/** Agents take turns, so that not all send at once. */
const TURNS = 10;
const perPayload = Number(rateText) / PAYLOADS_PER_S;
const wanted = Number(rateText) * Number(secondsText);
const RECORD_BYTES = 32;
const HOUR_NS = 3_600_000_000_000n;

class Agent {
  #socket;
  #number;
  #stream = 0;
  #sent = 0;
  isAttached = false;

  /**
   * @param {import('node:net').Socket} socket
   * @param {number} number
   */
  constructor(socket, number) {
    this.#socket = socket;
    this.#number = number;
    const decoder = new FrameDecoder();
    socket.on('data', bytes => decoder.push(bytes, frame => this.#take(frame)));
    socket.on('error', () => undefined);
  }

  /** The next payload, when there is something left to send. */
  send() {
    if (!this.isAttached || this.#sent >= wanted) return;
    const records = Array.from({ length: perPayload }, (_unused, index) => {
      const record = new Uint8Array(RECORD_BYTES);
      new DataView(record.buffer).setBigUint64(0, BigInt(this.#sent + index), true);
      return record;
    });
    const header = { seq: this.#sent, lost: 0n, monoNs: this.#monotonicNs() };
    this.#put(FrameKind.data, this.#stream, recordPayload(header, records));
    this.#sent += perPayload;
  }

  /** Each node has booted at another time. */
  #monotonicNs() {
    return process.hrtime.bigint() + BigInt(this.#number) * HOUR_NS;
  }

  /** @param {import('../../kernel-gateway/lib/protocol/index.js').Frame} frame */
  #take(frame) {
    if (frame.kind === FrameKind.ping) this.#put(FrameKind.pong, 0, frame.payload.slice());
    if (frame.kind !== FrameKind.hello && frame.kind !== FrameKind.request) return;
    const said = JSON.parse(new TextDecoder().decode(frame.payload));
    if (frame.kind === FrameKind.hello) this.#json(FrameKind.hello, this.#hello(said.session));
    else this.#json(FrameKind.reply, { id: said.id, ok: true, result: this.#answer(said) });
  }

  /** @param {{ verb: string, run: string, stream: number }} request */
  #answer({ verb, run, stream }) {
    if (verb === 'subscribe') this.#stream = stream;
    if (verb === 'attach') this.isAttached = true;
    if (verb === 'unsubscribe') this.#put(FrameKind.end, this.#stream, new Uint8Array(0));
    const monotonic_ns = String(this.#monotonicNs());
    /** @type {Record<string, unknown>} */
    const answers = {
      put: { have: true },
      load: { programs: [], maps: [], load_us: 1 },
      attach: { link: 1, link_id: 1, kind: 'tracing', target: run, attach_us: 1 },
      stats: { programs: [], monotonic_ns }
    };
    return answers[verb] ?? {};
  }

  /** @param {string} session */
  #hello(session) {
    const number = this.#number;
    return {
      ...{ protocol: 1, agent_version: 'simulated', session, worker_pid: 1, kernel_release: '6.12.0', arch: 'x86_64' },
      ...{ page_size: 4096, cpus_online: 2, cpus_possible: 2, capabilities: [], btf_id: '', libbpf_version: '1.7' },
      ...{ realtime_ns: String(BigInt(Date.now()) * 1_000_000n), monotonic_ns: String(this.#monotonicNs()) },
      ...{ boot_id: `boot-${number}`, cgroup_path: '', trace_instance: '' }
    };
  }

  /** @param {number} kind @param {unknown} value */
  #json(kind, value) {
    this.#put(kind, 0, new TextEncoder().encode(JSON.stringify(value)));
  }

  /** @param {number} kind @param {number} stream @param {Uint8Array} payload */
  #put(kind, stream, payload) {
    const frame = { kind: /** @type {import('../../kernel-gateway/lib/protocol/index.js').FrameKindNumber} */ (kind) };
    this.#socket.write(encodeFrame({ ...frame, stream, payload }));
  }
}

/** @type {Agent[]} */
const agents = [];
const server = createServer(socket => void agents.push(new Agent(socket, agents.length)));
server.listen(socketPath, () => process.stdout.write('ready\n'));
let turn = 0;
const timer = setInterval(
  () => {
    turn = (turn + 1) % TURNS;
    for (let at = turn; at < agents.length; at += TURNS) agents[at]?.send();
  },
  1000 / PAYLOADS_PER_S / TURNS
);
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  process.exit();
});
