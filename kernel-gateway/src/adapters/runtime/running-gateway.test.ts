import { createServer, type Server } from 'node:http';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jupyterDataFolder } from './jupyter-data-folder.js';
import { announceGateway, findGateway, runtimeFolder } from './running-gateway.js';

let folder: string;
let server: Server;
let url: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bpflab-runtime-'));
  process.env['BPFLAB_RUNTIME_DIR'] = folder;
  server = createServer((request, response) => {
    response.statusCode = request.headers.authorization === 'token right' ? 200 : 403;
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  delete process.env['BPFLAB_RUNTIME_DIR'];
  await new Promise(resolve => server.close(resolve));
  await rm(folder, { recursive: true });
});

describe('a gateway that runs', () => {
  it('is found by programs of its code, until it withdraws', async () => {
    const withdraw = await announceGateway({ url, token: 'right', checkout: '/a' });
    expect(await findGateway('/a')).toMatchObject({ url, token: 'right', pid: process.pid });
    expect(await findGateway('/b')).toBeNull();
    await withdraw();
    expect(await findGateway('/a')).toBeNull();
  });

  it('keeps its token to its user', async () => {
    const withdraw = await announceGateway({ url, token: 'right', checkout: '/a' });
    const [name = ''] = await readdir(folder);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    await withdraw();
  });

  it('is not found when it does not answer to its token, and its file goes when its process is gone', async () => {
    await announceGateway({ url, token: 'wrong', checkout: '/a' });
    expect(await findGateway('/a')).toBeNull();
    // No process has this number: it is above the largest that Linux gives.
    const gone = { version: 1, pid: 4_194_305, url, token: 'right', checkout: '/a' };
    await writeFile(join(folder, 'gateway-4194305.json'), JSON.stringify(gone));
    await writeFile(join(folder, 'gateway-2.json'), '{"torn');
    expect(await findGateway('/a')).toBeNull();
    expect(await readdir(folder)).not.toContain('gateway-4194305.json');
  });
});

describe('folders', () => {
  it("are Jupyter's own, by the environment", () => {
    expect(jupyterDataFolder('/usr/local')).toBe('/usr/local/share/jupyter');
    expect(jupyterDataFolder(null, { JUPYTER_DATA_DIR: '/data' })).toBe('/data');
    expect(jupyterDataFolder(null, { XDG_DATA_HOME: '/x' })).toBe('/x/jupyter');
    expect(runtimeFolder({ XDG_RUNTIME_DIR: '/run/user/1' })).toBe('/run/user/1/bpflab');
    expect(runtimeFolder({ XDG_DATA_HOME: '/x' })).toBe('/x/bpflab/runtime');
  });
});
