/** Kernel channels on raw websockets: both wire formats, lost sockets, followers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WIRE_V1 } from '../../kernel-gateway/src/adapters/jupyter/kernels/wire-v1.js';
import { ChannelsClient, type ClientOptions } from './channels-client.js';
import { FOLLOWER, startTestServer, type TestServer } from './gateway-server.js';

let test: TestServer;
let kernelId: string;

beforeEach(async () => {
  test = await startTestServer();
  kernelId = await test.openNotebook('n.ipynb');
});

afterEach(() => test.close());

const open = (session: string, options: ClientOptions = {}): Promise<ChannelsClient> =>
  ChannelsClient.open(test, kernelId, { session, ...options });

describe.each([
  ['the binary format', [WIRE_V1]],
  ['JSON, as jupyter lab --gateway-url wants it', []]
])('a socket with %s', (_, protocols) => {
  it('carries requests, outputs and buffers', async () => {
    const client = await open('a', { protocols });
    expect(client.socket.protocol).toBe(protocols[0] ?? '');
    client.send('kernel_info_request', {}, 'i');
    expect((await client.has('kernel_info_reply', 'i')).content['protocol_version']).toBe('5.4');
    client.send('execute_request', { code: 'print ü𝒳\nview v' }, 'e');
    await client.idle('e');
    expect(client.text('e')).toBe('ü𝒳\n');
    client.send(
      'comm_open',
      { comm_id: 'c', target_name: 'bpflab.view', data: { view: 'v', window: { type: 'window', first: 0, count: 5 } } },
      'o'
    );
    const window = await client.has(
      'comm_msg',
      'o',
      ({ content }) => (content['data'] as { count: number }).count === 5
    );
    expect(window.buffers.map(({ byteLength }) => byteLength).slice(0, 2)).toEqual([40, 24]);
    expect(new TextDecoder().decode(window.buffers[2])).toBe('proc-0proc-1proc-2proc-3proc-4');
  });

  it('is closed when what comes is no message', async () => {
    const client = await open('a', { protocols });
    const closed = new Promise<number>(resolve => client.socket.once('close', resolve));
    client.socket.send('{"not": "a message"}');
    expect(await closed).toBe(1007);
    const again = await open('a', { protocols });
    again.send('kernel_info_request', {}, 'i');
    await again.has('kernel_info_reply', 'i');
  });
});

describe('a socket that is lost in mid-run', () => {
  it('gets everything it has missed when the client comes back', async () => {
    const first = await open('page');
    first.send('execute_request', { code: 'print one\nsleep 150\nprint two\nshow d x\nsleep 150\nprint three' }, 'e');
    await first.has('stream', 'e');
    await first.drop();
    const other = await open('other');
    await other.has('display_data', 'e');
    const second = await open('page');
    await second.idle('e');
    const types = second.received.map(({ header }) => header.msg_type);
    expect(first.text('e') + second.text('e')).toBe('one\ntwo\nthree\n');
    expect(types.filter(type => type === 'execute_reply')).toHaveLength(1);
    expect(types).toContain('display_data');
  });

  it('keeps its views open, and gets the newest window, not all', async () => {
    const first = await open('page');
    first.send('execute_request', { code: 'view v' }, 'e');
    await first.idle('e');
    const comm = {
      comm_id: 'c',
      target_name: 'bpflab.view',
      data: { view: 'v', window: { type: 'window', first: 0, count: 5 } }
    };
    first.send('comm_open', comm, 'o');
    await first.has('comm_msg', 'o');
    await first.drop();
    const other = await open('other');
    other.send('execute_request', { code: 'sleep 500' }, 'w');
    await other.idle('w');
    const second = await open('page');
    await second.has('comm_msg', 'o');
    expect(second.received.filter(({ header }) => header.msg_type === 'comm_msg').length).toBeLessThan(3);
  });

  it('gets the window that it asks for when it opens its view again, and is told when the view is gone', async () => {
    const page = await open('page');
    page.send('execute_request', { code: 'view v' }, 'e');
    await page.idle('e');
    const comm = (view: string, paused: boolean): Record<string, unknown> => ({
      comm_id: 'again',
      target_name: 'bpflab.view',
      data: { view, window: { type: 'window', first: 0, count: 5, paused } }
    });
    page.send('comm_open', comm('v', true), 'o');
    await page.idle('o');
    expect(page.received.some(({ header }) => header.msg_type === 'comm_msg')).toBe(false);
    page.send('comm_open', comm('v', false), 'p');
    expect((await page.has('comm_msg', 'o')).content['data']).toMatchObject({ type: 'window' });
    page.send('comm_open', comm('gone', false), 'q');
    expect((await page.has('comm_close', 'o')).content['comm_id']).toBe('again');
  });

  it('holds up nobody else, and a newer socket of the same page takes over', async () => {
    const first = await open('page');
    const second = await open('page');
    second.send('execute_request', { code: 'print x' }, 'e');
    await second.idle('e');
    await first.drop();
    second.send('execute_request', { code: 'print y' }, 'f');
    await second.idle('f');
    expect(second.text('f')).toBe('y\n');
  });
});

describe('while a cell executes', () => {
  it('a second client is answered at once and sees that the kernel is busy', async () => {
    const first = await open('a');
    first.send('execute_request', { code: 'print on\nsleep 60000' }, 'e');
    await first.has('stream', 'e');
    const second = await open('b');
    second.send('kernel_info_request', {}, 'i');
    await second.has('kernel_info_reply', 'i');
    await second.has('status', 'e', ({ content }) => content['execution_state'] === 'busy');
    second.send('complete_request', { code: 'pri', cursor_pos: 3 }, 'c');
    expect((await second.has('complete_reply', 'c')).content['matches']).toEqual(['print']);
    second.send('interrupt_request', {}, 'x', 'control');
    await second.has('interrupt_reply', 'x');
    expect((await first.has('execute_reply', 'e')).content['ename']).toBe('BPFLAB_CELL_INTERRUPTED');
  });
});

describe('a follower', () => {
  it('sees outputs and views, and neither runs nor stops anything', async () => {
    await test.share('n.ipynb');
    const owner = await open('owner');
    const follower = await open('follower', { token: FOLLOWER });
    follower.send('execute_request', { code: 'print mine' }, 'f');
    follower.send('interrupt_request', {}, 'x', 'control');
    follower.send('shutdown_request', { restart: false }, 'y', 'control');
    owner.send('execute_request', { code: 'print hers\nview v' }, 'e');
    await follower.idle('e');
    const comm = {
      comm_id: 'c',
      target_name: 'bpflab.view',
      data: { view: 'v', window: { type: 'window', first: 0, count: 5 } }
    };
    follower.send('comm_open', comm, 'o');
    await follower.has('comm_msg', 'o');
    expect(follower.text('e')).toBe('hers\n');
    const parents = new Set(
      [...owner.received, ...follower.received].map(({ parent_header }) => parent_header['msg_id'])
    );
    expect(['f', 'x', 'y'].filter(id => parents.has(id))).toEqual([]);
  });

  it("does not use the owner's comms", async () => {
    await test.share('n.ipynb');
    const owner = await open('owner');
    owner.send('comm_open', { comm_id: 'shared', target_name: 'bpflab.session', data: {} }, 'o');
    await owner.has('comm_msg', 'o');
    const follower = await open('follower', { token: FOLLOWER });
    follower.send('comm_msg', { comm_id: 'shared', data: { type: 'target', target: 'host' } }, 'm');
    follower.send('comm_close', { comm_id: 'shared', data: {} }, 'n');
    await follower.idle('n');
    owner.send('comm_info_request', {}, 'i');
    const info = await owner.has('comm_info_reply', 'i');
    expect(info.content['comms']).toEqual({ shared: { target_name: 'bpflab.session' } });
    expect(test.sessions[0]!.status().target).toBe('scripted');
  });
});

describe('the end of a kernel', () => {
  it('comes by shutdown_request too, and its sockets hear it', async () => {
    const client = await open('a');
    client.send('shutdown_request', { restart: false }, 'x', 'control');
    await client.has('shutdown_reply', 'x');
    await new Promise(resolve => client.socket.once('close', resolve));
    expect(test.sessions[0]!.isClosed).toBe(true);
  });
});
