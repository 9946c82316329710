import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScriptedSession } from '../../../../../test/fixtures/scripted-session.mjs';
import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import type { MessageSocket } from './client-outbox.js';
import { KernelRecorder } from '../recorder/kernel-recorder.js';
import { GatewayKernel, RETENTION_MS } from './gateway-kernel.js';

let sessions: ScriptedSession[];
let refuse: boolean;
let kernel: GatewayKernel;

beforeEach(async () => {
  vi.useFakeTimers();
  sessions = [];
  refuse = false;
  kernel = await GatewayKernel.start({
    id: 'k',
    name: 'bpflab',
    version: '1',
    recorder: new KernelRecorder(() => []),
    openSession: () => {
      if (refuse) return Promise.reject(new Error('no images'));
      const session = new ScriptedSession(`s${sessions.length}`);
      sessions.push(session);
      return Promise.resolve(session);
    },
    onShutdownRequest: () => undefined
  });
});

afterEach(async () => {
  await kernel.end();
  vi.useRealTimers();
});

/** A socket that keeps what it is sent. */
class KeptSocket implements MessageSocket {
  readonly bufferedBytes = 0;
  readonly sent: JupyterMessage[] = [];
  isClosed = false;

  send(message: JupyterMessage): void {
    this.sent.push(message);
  }

  close(): void {
    this.isClosed = true;
  }

  states(): unknown[] {
    return this.sent.flatMap(({ header, content }) =>
      header.msg_type === 'status' ? [content['execution_state']] : []
    );
  }
}

function request(type: string, content: Record<string, unknown>): JupyterMessage {
  return {
    channel: 'shell',
    header: { msg_id: 'm', session: '', username: '', date: '', msg_type: type, version: '5.4' },
    parent_header: {},
    metadata: {},
    content,
    buffers: []
  };
}

describe('a kernel of the server', () => {
  it('leaves no session behind when it is restarted twice and ended at once', async () => {
    await Promise.all([kernel.restart(), kernel.restart(), kernel.end()]);
    expect(sessions.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
    await kernel.restart();
    expect(sessions).toHaveLength(3);
    expect(kernel.model.execution_state).toBe('dead');
  });

  it('is dead when its new session does not open, and can be restarted again', async () => {
    const socket = new KeptSocket();
    kernel.client('a').attach(socket);
    refuse = true;
    await expect(kernel.restart()).rejects.toThrow('no images');
    expect([kernel.model.execution_state, kernel.session]).toEqual(['dead', null]);
    refuse = false;
    await kernel.restart();
    expect(kernel.model.execution_state).toBe('idle');
    expect(socket.states()).toEqual(['starting', 'dead', 'starting', 'idle']);
  });

  it('forgets a client that does not come back, and ends its views', () => {
    const client = kernel.client('a');
    const socket = new KeptSocket();
    client.attach(socket);
    kernel.handle(request('comm_open', { comm_id: 'c', target_name: 'bpflab.session', data: {} }), client);
    client.detach(socket);
    kernel.release('a');
    vi.advanceTimersByTime(RETENTION_MS - 1);
    expect(kernel.client('a')).toBe(client);
    kernel.release('a');
    vi.advanceTimersByTime(RETENTION_MS);
    expect(kernel.client('a')).not.toBe(client);
  });

  it('keeps a bounded number of clients that are away', () => {
    const first = kernel.client('0');
    for (let n = 0; n < 30; n++) {
      kernel.client(String(n));
      kernel.release(String(n));
    }
    expect(kernel.client('29')).toBeDefined();
    expect(kernel.client('0')).not.toBe(first);
  });

  it('closes its sockets when it ends', async () => {
    const socket = new KeptSocket();
    kernel.client('a').attach(socket);
    expect(kernel.model.connections).toBe(1);
    await kernel.end();
    expect([socket.isClosed, socket.states()]).toEqual([true, ['dead']]);
  });
});
