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

const lostNotice = (lost: number): JupyterMessage => make('stream', { name: 'stderr', text: `lost ${lost}` });

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
    const outbox = new ClientOutbox(lostNotice);
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
    const outbox = new ClientOutbox(lostNotice);
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
    const outbox = new ClientOutbox(lostNotice, 10_000);
    for (let n = 0; n < 100; n++) outbox.send(stream('x'.repeat(500)));
    const socket = new RecordingSocket();
    outbox.attach(socket);
    const [notice, ...rest] = socket.sent;
    expect(notice).toEqual({ name: 'stderr', text: `lost ${100 - rest.length}` });
    expect(rest.length).toBeGreaterThan(5);
    outbox.detach(socket);
    outbox.attach(new RecordingSocket());
    expect(socket.sent).toHaveLength(rest.length + 1);
  });

  it('tells a socket that was too slow what it has lost, before what comes next', () => {
    const outbox = new ClientOutbox(lostNotice, 10_000);
    const socket = new RecordingSocket();
    outbox.attach(socket);
    outbox.send(stream('first'));
    socket.bufferedBytes = 1e9;
    for (let n = 0; n < 100; n++) outbox.send(stream('x'.repeat(500)));
    outbox.send(stream('last'));
    socket.flush();
    const texts = socket.sent.map(content => content['text']);
    expect(texts.slice(0, 2)).toEqual(['first', `lost ${102 - (texts.length - 1)}`]);
    expect(texts.at(-1)).toBe('last');
  });

  it('forgets what waits when the kernel begins another life', () => {
    const outbox = new ClientOutbox(lostNotice);
    outbox.send(stream('old'));
    outbox.clear();
    const socket = new RecordingSocket();
    outbox.attach(socket);
    expect(socket.sent).toEqual([]);
  });
});
