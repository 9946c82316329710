import { KernelAPI, KernelManager } from '@jupyterlab/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOLLOWER, startTestServer, type TestServer } from './gateway-server.js';

let test: TestServer;
let views: string;

beforeAll(async () => {
  test = await startTestServer();
  const kernels = new KernelManager({ serverSettings: test.settings });
  const kernel = await kernels.startNew({ name: 'bpflab' });
  await kernel.requestExecute({ code: 'view events/1' }).done;
  views = `bpflab/api/sessions/${kernel.id}/views`;
  kernel.dispose();
  kernels.dispose();
});

afterAll(() => test.close());

describe('downloads of views', () => {
  const one = encodeURIComponent('events/1');

  it('come as a file in the format that is asked for', async () => {
    const reply = await test.fetch(`${views}/${one}/export?format=csv`);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toContain('text/csv');
    expect(reply.headers.get('content-disposition')).toBe(
      'attachment; filename="events_1.csv"; filename*=UTF-8\'\'events_1.csv'
    );
    expect(await reply.text()).toBe('seq,comm\r\n1,task-1\r\n2,task-2\r\n3,task-3\r\n');
    const parquet = new Uint8Array(await (await test.fetch(`${views}/${one}/export?format=parquet`)).arrayBuffer());
    expect(Buffer.from(parquet.subarray(0, 4)).toString()).toBe('PAR1');
    expect(Buffer.from(parquet.subarray(-4)).toString()).toBe('PAR1');
  });

  it('are filtered, sorted, and of some columns', async () => {
    const query = new URLSearchParams({
      ...{ format: 'jsonl', where: 'seq >= 2', sort: 'seq', descending: 'true', column: 'seq' }
    });
    const reply = await test.fetch(`${views}/${one}/export?${query.toString()}`);
    expect(await reply.text()).toBe('{"seq":"3"}\n{"seq":"2"}\n');
  });

  it('are for the owner and for nobody else', async () => {
    expect((await test.fetch(`${views}/${one}/export`, { token: FOLLOWER })).status).toBe(403);
    expect((await test.fetch(`${views}/${one}/export`, { token: null })).status).toBe(403);
  });

  it('say what is wrong', async () => {
    expect((await test.fetch(`${views}/none/export`)).status).toBe(404);
    expect((await test.fetch(`bpflab/api/sessions/none/views/${one}/export`)).status).toBe(404);
    expect((await test.fetch(`${views}/${one}/export?format=exe`)).status).toBe(400);
  });

  it('end with the kernel', async () => {
    const id = views.split('/')[3] ?? '';
    await KernelAPI.shutdownKernel(id, test.settings);
    expect((await test.fetch(`${views}/${one}/export`)).status).toBe(404);
  });
});
