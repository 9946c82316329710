import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { FollowedNotebook, FollowMessage } from '../../kernel-gateway/src/protocol/index.js';
import { ChannelsClient } from './channels-client.js';
import { FOLLOWER, startTestServer, TOKEN, type TestServer } from './gateway-server.js';

const VIEWERS = 50;
const NAME = 'my talk 演示.ipynb';
const address = encodeURIComponent(NAME);

let test: TestServer;
let kernel = '';

beforeAll(async () => {
  test = await startTestServer();
  await test.openNotebook('other.ipynb');
  kernel = await test.openNotebook(NAME);
});
afterAll(() => test.close());

const look = async (path: string, method = 'GET'): Promise<number> =>
  (await test.fetch(path, { token: FOLLOWER, method })).status;

/** A socket, or the status of its refusal. */
function connect(path: string, token: string): Promise<WebSocket | number> {
  const socket = new WebSocket(`${test.origin.replace('http', 'ws')}/${path}`, {
    headers: { authorization: `token ${token}` }
  });
  return new Promise(resolve => {
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => undefined);
  });
}

describe("a followers' link", () => {
  it('opens nothing while nothing is shown', async () => {
    for (const path of [`doc/tree/${address}`, `api/contents/${address}`, `api/kernels/${kernel}`])
      expect(await look(path), path).toBe(403);
    expect(await (await test.fetch('api/sessions', { token: FOLLOWER })).json()).toEqual([]);
    expect(await connect(`api/kernels/${kernel}/channels`, FOLLOWER)).toBe(403);
  });

  it('opens the notebook that is shown, and nothing else, whatever the route', async () => {
    const { shared } = (await (await test.share(NAME)).json()) as { shared: { link: string }[] };
    expect(shared[0]?.link).toBe(`/doc/tree/${address}?token=${FOLLOWER}`);
    const page = await test.fetch(`doc/tree/${address}`, { token: FOLLOWER });
    expect(await page.text()).toContain('"bpflabFollower":true');
    const model = (await (await test.fetch(`api/contents/${address}`, { token: FOLLOWER })).json()) as object;
    expect(model).toMatchObject({ writable: false });
    expect(await (await test.fetch('api/sessions', { token: FOLLOWER })).json()).toHaveLength(1);

    const reads = ['lab', 'api/contents', 'api/contents/other.ipynb', `files/${address}`, 'api/terminals', 'metrics'];
    const ours = [
      'team',
      'labs',
      'lessons',
      'status',
      'follow',
      `replays/${kernel}`,
      `versions/${address}`,
      'containers'
    ];
    for (const path of [
      ...reads,
      ...ours.map(name => `bpflab/api/${name}`),
      'api/status',
      'lab/api/workspaces/default'
    ])
      expect(await look(path), path).toBe(403);
    const writes: [string, string][] = [
      ['POST', 'api/kernels'],
      ['POST', 'api/sessions'],
      ['POST', `api/kernels/${kernel}/interrupt`],
      ['POST', `api/kernels/${kernel}/restart`],
      ['DELETE', `api/kernels/${kernel}`],
      ['PUT', `api/contents/${address}`],
      ['PATCH', `api/contents/${address}`],
      ['DELETE', `api/contents/${address}`],
      ['POST', `api/contents/${address}/checkpoints`],
      ['POST', 'api/terminals'],
      ['POST', 'api/shutdown'],
      ['PUT', 'lab/api/settings/@bpflab/extension:plugin'],
      ['PUT', 'lab/api/workspaces/follower'],
      ['POST', 'bpflab/api/team'],
      ['POST', 'bpflab/api/follow'],
      ['POST', 'bpflab/api/replays'],
      ['POST', `bpflab/api/outputs/${address}`],
      ['POST', 'bpflab/api/lessons/import'],
      ['POST', 'bpflab/api/labs/start/01-hello/open']
    ];
    for (const [method, path] of writes) expect(await look(path, method), `${method} ${path}`).toBe(403);
    for (const path of ['terminals/websocket/1', 'bpflab/api/outputs/other.ipynb', 'bpflab/api/follow/other.ipynb'])
      expect(await connect(path, FOLLOWER), path).toBe(403);
  });

  it("does not get the place of the owner's page, nor does what it says over a comm count", async () => {
    const owner = await ChannelsClient.open(test, kernel, { session: 'page' });
    const follower = await ChannelsClient.open(test, kernel, { session: 'page', token: FOLLOWER });
    follower.send('comm_open', { comm_id: 's', target_name: 'bpflab.session', data: {} }, 'open');
    await follower.has('comm_msg', 'open');
    follower.send('comm_msg', { comm_id: 's', data: { type: 'reset' } }, 'reset');
    for (const target of ['bpflab.lab', 'bpflab.inspect', 'bpflab.language'])
      follower.send('comm_open', { comm_id: target, target_name: target, data: {} }, target);
    follower.send('execute_request', { code: 'print mine' }, 'run');
    follower.send('kernel_info_request', {}, 'last');
    await follower.has('kernel_info_reply', 'last');
    const answered = follower.received.map(({ parent_header: { msg_id: id } }) => id);
    expect(answered.filter(id => id !== 'open' && id !== 'last' && id !== undefined)).toEqual([]);
    owner.send('execute_request', { code: 'print hers' }, 'hers');
    await owner.has('execute_reply', 'hers');
    expect(owner.socket.readyState).toBe(WebSocket.OPEN);
    for (const client of [owner, follower]) client.socket.close();
  });

  it('is taken by a server of the follower as its owner has it, saved or not, and refused when it shows nothing', async () => {
    const own = await startTestServer();
    const fork = async (link: string): Promise<{ path?: string; code?: string; message?: string }> => {
      const init = { method: 'POST', body: JSON.stringify({ link }) };
      return (await (await own.fetch('bpflab/api/follow/fork', init)).json()) as { path?: string };
    };
    const link = `${test.origin}/doc/tree/${address}?token=${FOLLOWER}`;
    const owner = (await connect(`bpflab/api/follow/${address}`, TOKEN)) as WebSocket;
    // No page has told the cells yet: the file has them.
    expect(await fork(link)).toEqual({ path: 'my talk 演示-Fork.ipynb' });
    const cells: FollowedNotebook['cells'] = [{ id: 'a', type: 'code', source: 'int mine;\nint x;' }];
    owner.send(JSON.stringify({ type: 'notebook', cells, active: 'a' } satisfies FollowedNotebook));
    // The server has read what came before a ping when it answers.
    await new Promise(resolve => {
      owner.once('pong', resolve);
      owner.ping();
    });
    expect(await fork(link)).toEqual({ path: 'my talk 演示-Fork1.ipynb' });
    const taken = JSON.parse(await readFile(join(own.notebooks, 'my talk 演示-Fork1.ipynb'), 'utf8')) as object;
    expect(taken).toMatchObject({
      metadata: { bpflab: { forked_from: { address: `${test.origin}/doc/tree/${address}` } } },
      cells: [{ id: 'a', cell_type: 'code', source: ['int mine;\n', 'int x;'], outputs: [] }]
    });
    expect(JSON.stringify(taken)).not.toContain(FOLLOWER);
    for (const wrong of [
      '',
      'file:///etc/passwd',
      `${test.origin}/doc/tree/other.ipynb?token=${FOLLOWER}`,
      link.replace(FOLLOWER, 'x'),
      'http://127.0.0.1:9/doc/tree/a.ipynb?token=x'
    ])
      expect(await fork(wrong), wrong).toMatchObject({ code: 'BPFLAB_FOLLOW_FORK' });
    owner.close();
    await own.close();
  });

  it(`shows ${VIEWERS} viewers what the owner types, the newest to who comes late; all are let go at the end`, async () => {
    const owner = (await connect(`bpflab/api/follow/${address}`, TOKEN)) as WebSocket;
    const counted = new Promise<void>(resolve =>
      owner.on('message', data => {
        const message = JSON.parse((data as Buffer).toString()) as FollowMessage;
        if (message.type === 'viewers' && message.count === VIEWERS) resolve();
      })
    );
    const viewers = (await Promise.all(
      Array.from({ length: VIEWERS }, () => connect(`bpflab/api/follow/${address}`, FOLLOWER))
    )) as WebSocket[];
    await counted;
    const heard = (socket: WebSocket): Promise<FollowedNotebook> =>
      new Promise(resolve =>
        socket.once('message', data => resolve(JSON.parse((data as Buffer).toString()) as FollowedNotebook))
      );
    const all = Promise.all(viewers.map(heard));
    const said: FollowedNotebook = {
      type: 'notebook',
      cells: [{ id: 'a', type: 'code', source: 'int x;' }],
      active: 'a'
    };
    // What a follower says is not heard.
    viewers[0]!.send(JSON.stringify({ ...said, active: 'mine' }));
    owner.send(JSON.stringify(said));
    expect(await all).toEqual(Array.from({ length: VIEWERS }, () => said));
    const url = `${test.origin.replace('http', 'ws')}/bpflab/api/follow/${address}?token=${FOLLOWER}`;
    const late = new WebSocket(url);
    expect(await heard(late)).toEqual(said);
    const ends = [...viewers, late].map(socket => new Promise(resolve => socket.once('close', resolve)));
    await test.share(NAME, false);
    expect(new Set(await Promise.all(ends))).toEqual(new Set([1008]));
    expect(await look(`api/contents/${address}`)).toBe(403);
    owner.close();
  });
});
