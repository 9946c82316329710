/** One client that sends too much or reads too slowly is nobody else's trouble. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLabServices } from '../../kernel-gateway/src/lab-services.js';
import { createLab } from '../../kernel-gateway/src/lab.js';
import { Mime } from '../../kernel-gateway/src/protocol/index.js';
import { requires } from '../requires.js';
import { TcpLine } from '../tcp-line.js';
import type { JupyterMessage } from '../../kernel-gateway/src/core/kernel/jupyter-message.js';
import { ChannelsClient } from './channels-client.js';
import { startTestServer, type TestServer } from './gateway-server.js';
import { execs, flood } from './programs.js';

const MIB = 1024 * 1024;
const FLOOD = 10_000;
/** 100 records for each of 1,000 calls a second, for three seconds. */
const EVENTS = 300_000;
const calls = "%%sh\nperl -MTime::HiRes=sleep -e 'for (1..30) { syscall(124, 0) for 1..100; sleep 0.1 }'";
const newest = { type: 'window', first: 0, count: 20, follow: true, filters: [], paused: false };

/** Bytes that this process holds when what nobody needs is collected: what dies with weak references goes at a later turn. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await new Promise(resolve => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

requires('bpf', 'vm')('clients of a running program', () => {
  let services: Awaited<ReturnType<typeof createLabServices>>;
  let test: TestServer;
  let folder: string;
  let kernelId: string;
  const clients: ChannelsClient[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bpflab-floods-'));
    services = await createLabServices(createLab({ target: 'host' }), folder);
    test = await startTestServer({ lab: services });
    const made = await test.fetch('api/kernels', { method: 'POST', body: '{"name":"bpflab"}' });
    kernelId = ((await made.json()) as { id: string }).id;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.drop();
  });
  afterAll(async () => {
    await test.close();
    await services.close();
    rmSync(folder, { recursive: true });
  });

  async function open(session: string, server: TestServer = test): Promise<ChannelsClient> {
    const client = await ChannelsClient.open(server, kernelId, { session });
    clients.push(client);
    return client;
  }

  async function run(client: ChannelsClient, id: string, code: string): Promise<void> {
    client.send('execute_request', { code }, id);
    await client.idle(id);
  }

  /** Starts a program, and gives its view. */
  async function start(client: ChannelsClient, id: string, program: string): Promise<string> {
    await run(client, id, program);
    const shown = await client.has('display_data', id, ({ content }) => Mime.view in (content['data'] as object));
    return (shown.content['data'] as Record<string, { view: string }>)[Mime.view]?.view ?? '';
  }

  /** Looks at a view over the comm `id`. */
  async function lookAt(client: ChannelsClient, id: string, view: string, window: object = newest): Promise<void> {
    client.send('comm_open', { comm_id: id, target_name: 'bpflab.view', data: { view, window } }, `o-${id}`);
    await client.has('comm_msg', `o-${id}`);
  }

  /** Starts a program that sees execs, and looks at its newest ones. */
  const look = async (client: ChannelsClient, id: string): Promise<void> =>
    lookAt(client, id, await start(client, id, execs));

  const windows = (client: ChannelsClient): number =>
    client.received.filter(({ header }) => header.msg_type === 'comm_msg').length;

  it('a flood of comm messages is answered, is no news for others, and gets no more windows than anybody', async () => {
    const flooding = await open('flooding');
    const other = await open('other');
    await look(flooding, 'f');
    const before = windows(flooding);
    const startedMs = performance.now();
    for (let n = 0; n < FLOOD; n++) {
      flooding.send('comm_msg', { comm_id: 'f', data: { ...newest, count: 1 + (n % 50) } }, `m${n}`);
    }
    other.send('execute_request', { code: '%%sh\necho still here' }, 'e');
    await other.idle('e');
    await flooding.idle(`m${FLOOD - 1}`);
    expect(other.text('e')).toBe('still here\n');
    const strange = other.received.filter(({ parent_header }) => /^m\d/.test(String(parent_header['msg_id'])));
    expect(strange).toEqual([]);
    // At most ten windows a second, whatever is asked.
    expect(windows(flooding) - before).toBeLessThanOrEqual((performance.now() - startedMs) / 100 + 2);
    await run(flooding, 's', '%stop');
  });

  it('a client that does not read costs a bounded amount of memory, and gets the newest when it reads again', async () => {
    const slow = await open('slow');
    const other = await open('brisk');
    await look(slow, 'v');
    slow.socket.pause();
    const before = await heldBytes();
    const line = 'y'.repeat(60_000);
    for (let n = 0; n < 60; n++) {
      await run(other, `r${n}`, `%%sh\nfor i in $(seq 16); do echo ${line}; done`);
      other.received.length = 0;
    }
    // 58 MB were printed.
    expect(((await heldBytes()) - before) / MIB).toBeLessThan(48);
    slow.socket.resume();
    await slow.idle('r59');
    const told = slow.received
      .map(({ content }) => content['text'] as string | undefined)
      .find(text => text?.includes('lost'));
    expect(told).toMatch(/^\[\d+ messages were lost: this page was away, or too slow for them\]\n$/);
    await run(other, 's', '%stop');
  });

  it('a client of 10 KB/s sees the newest rows of 100,000 events/s, and nobody else waits for it', async () => {
    const line = await TcpLine.open(test.server.port);
    const slow = await open('thin', { ...test, origin: `http://127.0.0.1:${line.port}` });
    const brisk = await open('thick');
    const view = await start(brisk, 'v', flood);
    const window = { ...newest, count: 400 };
    await lookAt(slow, 'slow', view, window);
    await lookAt(brisk, 'brisk', view, window);
    line.bytesPerS = 10_000;
    // The first round fills what has a bound.
    await run(brisk, 'r1', calls);
    const before = await heldBytes();
    await run(brisk, 'r2', calls);
    const isAll = ({ content }: JupyterMessage): boolean =>
      (content['data'] as { total?: string }).total === String(2 * EVENTS);
    const whole = await brisk.has('comm_msg', 'o-brisk', isAll);
    expect((whole.content['data'] as { losses: object }).losses).toMatchObject({ kernel: '0', agent: '0' });
    const seen = windows(slow);
    expect(windows(brisk)).toBeGreaterThan(2 * seen);
    expect(((await heldBytes()) - before) / MIB).toBeLessThan(24);
    // What was on its way then is bounded too: a few windows, not those of a minute.
    await slow.has('comm_msg', 'o-slow', isAll);
    expect(windows(slow) - seen).toBeLessThan(8);
    await run(brisk, 's', '%stop');
    await line.close();
  });
});
