import { afterEach, describe, expect, it, vi } from 'vitest';
import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import type { AgentChannel } from '../../core/index.js';
import { FrameKind, HEARTBEAT_MS, INITIAL_CREDIT_BYTES, type FrameKindNumber } from '../../protocol/index.js';
import { connectAgent } from './connect-agent.js';

const clientHello = { protocol: 1, session: 's1', after: '0' };
const agentHello = {
  protocol: 1,
  agent_version: '0.1.0',
  session: 's1',
  worker_pid: 7,
  kernel_release: '6.12.0',
  arch: 'x86_64',
  page_size: 4096,
  cpus_online: 1,
  cpus_possible: 1,
  capabilities: ['load'],
  btf_id: '',
  realtime_ns: '1',
  monotonic_ns: '2',
  boot_id: 'b',
  cgroup_path: '/c',
  trace_instance: '/t',
  libbpf_version: '1.8'
};

interface Received {
  kind: FrameKindNumber;
  stream: number;
  bytes: Uint8Array;
}

/** Every one is lost at the end of its test: a connection that is open beats. */
const doubles: AgentDouble[] = [];

/** The far end of an in-memory channel: answers hello, keeps what else comes. */
class AgentDouble {
  readonly received: Received[] = [];
  readonly channel: AgentChannel;
  onFrame: (frame: Received) => void = () => undefined;
  hello: unknown = agentHello;
  #data: (bytes: Uint8Array) => void = () => undefined;
  #close: (reason: string) => void = () => undefined;

  constructor() {
    doubles.push(this);
    const decoder = new FrameDecoder();
    this.channel = {
      write: bytes => {
        decoder.push(bytes, frame => this.#take({ ...frame, bytes: frame.payload.slice() }));
        return Promise.resolve();
      },
      onData: listener => (this.#data = listener),
      onClose: listener => (this.#close = listener),
      close: () => {
        this.lose('closed');
        return Promise.resolve();
      }
    };
  }

  send(kind: FrameKindNumber, stream: number, payload: Uint8Array): void {
    this.#data(encodeFrame({ kind, stream, payload }));
  }

  sendJson(kind: FrameKindNumber, value: unknown): void {
    this.send(kind, 0, Buffer.from(JSON.stringify(value)));
  }

  sendRaw(bytes: Uint8Array): void {
    this.#data(bytes);
  }

  lose(reason: string): void {
    this.#close(reason);
  }

  #take(frame: Received): void {
    if (frame.kind === FrameKind.hello) {
      this.sendJson(FrameKind.hello, this.hello);
    } else {
      this.received.push(frame);
      this.onFrame(frame);
    }
  }
}

function json(frame: Received): Record<string, unknown> {
  return JSON.parse(Buffer.from(frame.bytes).toString()) as Record<string, unknown>;
}

afterEach(() => {
  for (const agent of doubles.splice(0)) agent.lose('over');
  vi.useRealTimers();
});

describe('connectAgent', () => {
  it('gives the hello and matches replies to requests in any order', async () => {
    const agent = new AgentDouble();
    const connection = await connectAgent(agent.channel, clientHello);
    expect(connection.hello.kernel_release).toBe('6.12.0');
    const put = connection.request('put', { stream: 1, sha256: 'ab', size: 3 });
    const lookup = connection.request('map_lookup', { map_id: 4, key: '00' });
    const [first, second] = agent.received.map(json);
    agent.sendJson(FrameKind.reply, { id: second?.['id'], ok: true, result: { found: true, value: '01' } });
    agent.sendJson(FrameKind.reply, { id: first?.['id'], ok: true, result: { have: false } });
    await expect(put).resolves.toEqual({ have: false });
    await expect(lookup).resolves.toEqual({ found: true, value: '01' });
  });

  it('turns a refusal into an error with code, errno and log', async () => {
    const agent = new AgentDouble();
    agent.onFrame = frame =>
      agent.sendJson(FrameKind.reply, {
        id: json(frame)['id'],
        ok: false,
        error: { code: 'BPFLAB_LOAD_MAP', message: 'm', errno: 'EINVAL', subject: 'rb', libbpf_log: 'libbpf: x' }
      });
    const connection = await connectAgent(agent.channel, clientHello);
    await expect(connection.request('stop', { run: 'r1' })).rejects.toMatchObject({
      code: 'BPFLAB_LOAD_MAP',
      errno: 'EINVAL',
      subject: 'rb',
      details: 'libbpf: x'
    });
  });

  it('refuses another protocol version', async () => {
    const agent = new AgentDouble();
    agent.hello = { ...agentHello, protocol: 9 };
    await expect(connectAgent(agent.channel, clientHello)).rejects.toMatchObject({ code: 'BPFLAB_AGENT_PROTOCOL' });
  });

  it('gives no connection where the policy of the node refuses the session', async () => {
    const agent = new AgentDouble();
    const message = 'The policy of node "n" has no rule for user "ben".';
    agent.hello = { protocol: 1, agent_version: '0', refused: { code: 'BPFLAB_POLICY_REFUSED', message } };
    await expect(connectAgent(agent.channel, clientHello)).rejects.toMatchObject({
      code: 'BPFLAB_POLICY_REFUSED',
      message
    });
  });

  it('gives credit back as the listener returns, also for a stream that nobody hears', async () => {
    const agent = new AgentDouble();
    const connection = await connectAgent(agent.channel, clientHello);
    const stream = connection.newStream();
    let bytes = 0;
    let ended = false;
    connection.onStream(stream, { data: payload => (bytes += payload.length), end: () => (ended = true) });
    const payload = new Uint8Array(INITIAL_CREDIT_BYTES / 4);
    for (let count = 0; count < 8; count += 1) {
      agent.send(FrameKind.data, stream, payload);
    }
    agent.send(FrameKind.end, stream, new Uint8Array(0));
    agent.send(FrameKind.data, stream, new Uint8Array(10));
    const credits = agent.received.filter(frame => frame.kind === FrameKind.credit && frame.stream === stream);
    const given = credits.reduce((sum, frame) => sum + Buffer.from(frame.bytes).readUInt32LE(), 0);
    expect({ bytes, ended }).toEqual({ bytes: 8 * payload.length, ended: true });
    expect(given).toBeGreaterThanOrEqual(8 * payload.length + 10);
  });

  it('sends no more than it has credit for', async () => {
    const agent = new AgentDouble();
    const connection = await connectAgent(agent.channel, clientHello);
    const size = INITIAL_CREDIT_BYTES + 1000;
    const sending = connection.sendData(3, new Uint8Array(size));
    const sentBytes = () =>
      agent.received.filter(frame => frame.kind === FrameKind.data).reduce((sum, frame) => sum + frame.bytes.length, 0);
    await vi.waitFor(() => expect(sentBytes()).toBe(INITIAL_CREDIT_BYTES));
    const credit = Buffer.alloc(4);
    credit.writeUInt32LE(5000);
    agent.send(FrameKind.credit, 3, credit);
    await sending;
    expect(sentBytes()).toBe(size);
  });

  it('ends requests, streams and listeners when the channel is lost', async () => {
    const agent = new AgentDouble();
    const connection = await connectAgent(agent.channel, clientHello);
    const ended = vi.fn();
    const closed = vi.fn();
    connection.onStream(1, { data: () => undefined, end: ended });
    connection.onClose(closed);
    const request = connection.request('stats', {});
    agent.lose('the guest panicked');
    await expect(request).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
    await expect(connection.request('stats', {})).rejects.toThrow('the guest panicked');
    expect(ended).toHaveBeenCalledOnce();
    expect(closed).toHaveBeenCalledWith('the guest panicked');
  });

  it('closes the channel on bytes that are no frames', async () => {
    const agent = new AgentDouble();
    const connection = await connectAgent(agent.channel, clientHello);
    const closed = vi.fn();
    connection.onClose(closed);
    agent.sendRaw(new Uint8Array([5, 0, 0, 0, 99, 0, 0, 0, 0]));
    expect(closed).toHaveBeenCalledWith('the agent broke the protocol: a frame of unknown kind 99');
  });

  it('pings when idle and gives an agent up that stays silent', async () => {
    vi.useFakeTimers();
    const agent = new AgentDouble();
    const connection = await connectAgent(agent.channel, clientHello);
    const closed = vi.fn();
    connection.onClose(closed);
    vi.advanceTimersByTime(HEARTBEAT_MS * 3);
    expect(agent.received.some(frame => frame.kind === FrameKind.ping)).toBe(true);
    agent.send(FrameKind.pong, 0, new Uint8Array(8));
    vi.advanceTimersByTime(HEARTBEAT_MS * 9);
    expect(closed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(HEARTBEAT_MS * 3);
    expect(closed).toHaveBeenCalledWith('the agent sent nothing for 20 s');
  });

  it('is lost when the agent had to sweep the session', async () => {
    const agent = new AgentDouble();
    const connection = await connectAgent(agent.channel, clientHello);
    const closed = vi.fn();
    connection.onClose(closed);
    agent.sendJson(FrameKind.event, { event: 'swept', items: ['worker 7 ended by signal 9'] });
    expect(closed).toHaveBeenCalledWith('worker 7 ended by signal 9');
    await expect(connection.request('stats', {})).rejects.toThrow('ended by signal 9');
  });

  it('says bye before it closes', async () => {
    const agent = new AgentDouble();
    agent.onFrame = frame => {
      if (frame.kind === FrameKind.request) {
        agent.sendJson(FrameKind.reply, { id: json(frame)['id'], ok: true, result: {} });
      }
    };
    const connection = await connectAgent(agent.channel, clientHello);
    await connection.close();
    expect(agent.received.map(json).at(-1)).toMatchObject({ verb: 'bye' });
  });
});
