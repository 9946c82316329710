import { describe, expect, it } from 'vitest';
import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import { ClientOutbox, type MessageSocket } from './client-outbox.js';

const make = (type: string, content: Record<string, unknown>): JupyterMessage => ({
  channel: 'iopub',
  header: { msg_id: '', session: '', username: '', date: '', msg_type: type, version: '5.4' },
  parent_header: {},
  metadata: {},
  content,
  buffers: []
});
const stream = (text: string): JupyterMessage => make('stream', { name: 'stdout', text });
const windowOf = (comm: string, first: number): JupyterMessage =>
  make('comm_msg', { comm_id: comm, data: { type: 'window', first } });

class RecordingSocket implements MessageSocket {
  bufferedBytes = 0;
  sent: Record<string, unknown>[] = [];
  #callbacks: (() => void)[] = [];

  send(message: JupyterMessage, sent: () => void): void {
    this.sent.push(message.content);
    this.#callbacks.push(sent);
  }

  isClosed = false;

  close(): void {
    this.isClosed = true;
  }

  /** The socket has sent everything. */
  flush(): void {
    this.bufferedBytes = 0;
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}

describe('a client outbox', () => {
  it('keeps what comes without a socket, in order, and sends it to the next one', () => {
    const outbox = new ClientOutbox();
    const first = new RecordingSocket();
    outbox.attach(first);
    outbox.send(stream('a'));
    outbox.detach(first);
    outbox.send(stream('b'));
    outbox.send(stream('c'));
    const second = new RecordingSocket();
    outbox.attach(second);
    outbox.send(stream('d'));
    expect(first.sent.map(content => content['text'])).toEqual(['a']);
    expect(second.sent.map(content => content['text'])).toEqual(['b', 'c', 'd']);
  });

  it('holds back from a slow socket; of windows and displays only the newest waits', () => {
    const outbox = new ClientOutbox();
    const socket = new RecordingSocket();
    outbox.attach(socket);
    outbox.send(stream('a'));
    socket.bufferedBytes = 1e9;
    for (let first = 0; first < 100; first++) {
      outbox.send(windowOf('x', first));
      outbox.send(make('update_display_data', { data: first, transient: { display_id: 'd' } }));
      if (first % 50 === 0) outbox.send(stream(`s${first}`));
    }
    expect(socket.sent).toHaveLength(1);
    socket.flush();
    expect(socket.sent.slice(1)).toEqual([
      { name: 'stdout', text: 's0' },
      { name: 'stdout', text: 's50' },
      { comm_id: 'x', data: { type: 'window', first: 99 } },
      { data: 99, transient: { display_id: 'd' } }
    ]);
  });

  it('drops the oldest beyond its bound and counts them', () => {
    const outbox = new ClientOutbox(10_000);
    for (let n = 0; n < 100; n++) outbox.send(stream('x'.repeat(500)));
    const socket = new RecordingSocket();
    const lost = outbox.takeLost();
    outbox.attach(socket);
    expect(lost).toBe(100 - socket.sent.length);
    expect(socket.sent.length).toBeGreaterThan(5);
    expect(outbox.takeLost()).toBe(0);
  });

  it('forgets what waits when the kernel begins another life', () => {
    const outbox = new ClientOutbox();
    outbox.send(stream('old'));
    outbox.clear();
    const socket = new RecordingSocket();
    outbox.attach(socket);
    expect(socket.sent).toEqual([]);
  });
});
