import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FOLLOWER, METRICS, startTestServer, TOKEN, type TestServer } from './gateway-server.js';

let test: TestServer;
let proxied: TestServer;

beforeAll(async () => {
  test = await startTestServer();
  proxied = await startTestServer({ baseUrl: '/user/ann/', allowedHosts: ['hub.example.org'] });
});

afterAll(async () => {
  await test.close();
  await proxied.close();
});

/** fetch() does not let a caller set Host. */
function statusWithHost(host: string, path = '/api/kernels'): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host, authorization: `token ${TOKEN}` };
    httpRequest(test.origin + path, { headers }, response => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
}

/** Status of a refused upgrade, or 101. */
function upgradeStatus(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(test.origin.replace('http', 'ws') + path, { headers });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!));
    socket.on('error', reject);
  });
}

describe('the token', () => {
  it.each([null, 'wrong', 'owner-toke', ''])('%j gets nothing of the API', async token => {
    const response = await test.fetch('api/kernels', { token });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ reason: 'BPFLAB_ACCESS_TOKEN' });
  });

  it('is asked for by a page, taken out of the address and kept in a cookie', async () => {
    const stranger = await test.fetch('lab/tree/x.ipynb', { token: null });
    expect(stranger.status).toBe(403);
    expect(await stranger.text()).toContain('name="next" value="/lab/tree/x.ipynb"');
    const wrong = await test.fetch('lab?token=wrong', { token: null });
    expect(await wrong.text()).toContain('role="alert"');
    const right = await test.fetch(`lab/tree/x.ipynb?token=${TOKEN}&a=1`, { token: null });
    expect([right.status, right.headers.get('location')]).toEqual([302, '/lab/tree/x.ipynb?a=1']);
    const cookie = right.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^bpflab-\d+=[\w-]+; Path=\/; HttpOnly; SameSite=Lax/);
    expect(cookie).not.toContain(TOKEN);
    const page = await test.fetch('lab/tree/x.ipynb', { token: null, headers: { cookie: cookie.split(';')[0]! } });
    const html = await page.text();
    expect(html).toContain('"treePath":"x.ipynb"');
    expect(html).not.toContain(TOKEN);
  });

  it('is taken by the login form, which leads nowhere else', async () => {
    const login = (next: string, token: string): Promise<Response> =>
      test.fetch('login', {
        token: null,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token, next }).toString()
      });
    expect((await login('/lab', 'wrong')).status).toBe(403);
    expect((await login('/lab/tree/a?b=1', TOKEN)).headers.get('location')).toBe('/lab/tree/a?b=1');
    for (const next of ['https://evil.org/lab', '//evil.org/lab', '/\\evil.org', 'javascript:alert(1)']) {
      expect((await login(next, TOKEN)).headers.get('location')).toMatch(/^\/(lab|evil\.org)$/);
    }
  });

  it('of a follower looks and changes nothing', async () => {
    expect((await test.fetch('api/contents', { token: FOLLOWER })).status).toBe(403);
    expect((await test.fetch('api/kernelspecs', { token: FOLLOWER })).status).toBe(200);
    const refused = [
      test.fetch('api/kernels', { token: FOLLOWER, method: 'POST' }),
      test.fetch('api/contents/a.txt', { token: FOLLOWER, method: 'PUT', body: '{"content":"x"}' }),
      test.fetch('api/contents/a.txt', { token: FOLLOWER, method: 'DELETE' }),
      test.fetch('api/terminals', { token: FOLLOWER, method: 'POST' }),
      test.fetch('api/shutdown', { token: FOLLOWER, method: 'POST' }),
      test.fetch('bpflab/api/labs/start/01-hello/open', { token: FOLLOWER, method: 'POST' })
    ];
    expect((await Promise.all(refused)).map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
  });

  it('for metrics reads metrics alone', async () => {
    const metrics = await test.fetch('metrics', { token: METRICS });
    expect(await metrics.text()).toMatch(/^bpflab_kernels 0$/m);
    expect((await test.fetch('api/status', { token: METRICS })).status).toBe(403);
    expect((await test.fetch('lab', { token: METRICS })).status).toBe(403);
    expect(await upgradeStatus('/api/events/subscribe', { authorization: `token ${METRICS}` })).toBe(403);
  });
});

describe('Host and Origin', () => {
  it('refuses names that are not ours, over HTTP', async () => {
    expect(await statusWithHost(`127.0.0.1:${test.server.port}`)).toBe(200);
    expect(await statusWithHost(`localhost:${test.server.port}`)).toBe(200);
    for (const host of ['evil.org', `evil.org:${test.server.port}`, 'localhost.evil.org']) {
      expect(await statusWithHost(host)).toBe(403);
      expect(await statusWithHost(host, '/lab')).toBe(403);
    }
  });

  it('refuses pages of other sites, over HTTP', async () => {
    const post = (origin: string): Promise<Response> =>
      test.fetch('api/kernels', { method: 'POST', headers: { origin } });
    expect((await post('http://evil.org')).status).toBe(403);
    expect((await post('null')).status).toBe(403);
    expect((await post(`http://localhost:${test.server.port}`)).status).toBe(403);
    expect((await post(test.origin)).status).toBe(201);
  });

  it('checks upgrades in the same way', async () => {
    const authorization = `token ${TOKEN}`;
    const path = '/api/events/subscribe';
    expect(await upgradeStatus(path, { authorization })).toBe(101);
    expect(await upgradeStatus(`${path}?token=${TOKEN}`, {})).toBe(101);
    expect(await upgradeStatus(path, { authorization, origin: test.origin })).toBe(101);
    expect(await upgradeStatus(path, {})).toBe(403);
    expect(await upgradeStatus(`${path}?token=wrong`, {})).toBe(403);
    expect(await upgradeStatus(path, { authorization, origin: 'http://evil.org' })).toBe(403);
    expect(await upgradeStatus(path, { authorization, host: 'evil.org' })).toBe(403);
    expect(await upgradeStatus('/api/nothing', { authorization })).toBe(404);
    expect(await upgradeStatus('/api/kernels/none/channels', { authorization })).toBe(404);
    expect(await upgradeStatus('/api/kernels/%E0%A4%A/channels', { authorization })).toBe(400);
  });
});

describe('a base URL', () => {
  it('is in front of every address', async () => {
    const page = await (await proxied.fetch('lab')).text();
    expect(page).toContain('"baseUrl":"/user/ann/"');
    expect(page).toContain('src="/user/ann/static/lab/main.0123456789abcdef.js"');
    expect(proxied.server.url).toContain('/user/ann/lab?token=');
    expect((await fetch(`${proxied.origin}/lab?token=${TOKEN}`)).status).toBe(404);
    expect((await proxied.fetch('api/kernelspecs')).status).toBe(200);
  });
});

describe('contents over HTTP', () => {
  it('stay in their folder', async () => {
    await writeFile(join(test.folder, 'secret.txt'), 'secret');
    await mkdir(join(test.notebooks, 'd'));
    await symlink(test.folder, join(test.notebooks, 'out'));
    await symlink(join(test.folder, 'secret.txt'), join(test.notebooks, 'link.txt'));
    const paths = [
      '..%2fsecret.txt',
      'd/..%2f..%2fsecret.txt',
      '%2e%2e/secret.txt',
      'out/secret.txt',
      'link.txt',
      '.hidden',
      '%00',
      `..%5csecret.txt`
    ];
    for (const path of paths) {
      for (const route of ['api/contents/', 'files/']) {
        const response = await test.fetch(route + path);
        expect([403, 404], path).toContain(response.status);
        expect(await response.text()).not.toContain('secret\n');
      }
      const put = await test.fetch(`api/contents/${path}`, {
        method: 'PUT',
        body: '{"content":"changed","format":"text"}'
      });
      expect([403, 404], path).toContain(put.status);
      expect([403, 404]).toContain(
        (await test.fetch(`api/contents/a`, { method: 'PATCH', body: JSON.stringify({ path: '../a' }) })).status
      );
    }
    expect(await readFile(join(test.folder, 'secret.txt'), 'utf8')).toBe('secret');
    const { content } = (await (await test.fetch('api/contents')).json()) as { content: { name: string }[] };
    expect(content.map(({ name }) => name)).toEqual(['d']);
  });

  it('serve files sandboxed, as what they are', async () => {
    await writeFile(join(test.notebooks, 'page.html'), '<script>alert(1)</script>');
    const response = await test.fetch('files/page.html');
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toBe('sandbox');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const download = await test.fetch('files/page.html?download=1');
    expect(download.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''page.html");
  });
});
