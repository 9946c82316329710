import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentsManager } from '@jupyterlab/services';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './gateway-server.js';

let test: TestServer;

beforeAll(async () => {
  test = await startTestServer();
});

afterAll(() => test.close());

const notebook = (source: string, metadata: object = {}): string =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata,
    cells: [{ cell_type: 'code', id: 'one', metadata: {}, execution_count: null, outputs: [], source }]
  });

const get = async (path: string): Promise<{ status: number; body: unknown }> => {
  const response = await test.fetch(`bpflab/api/versions/${path}`);
  return { status: response.status, body: await response.json() };
};

const git = (...args: string[]): void => {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
  execFileSync('git', ['-C', test.notebooks, ...identity, ...args], { stdio: 'ignore' });
};

it('gives what a notebook was: on disk, at the checkpoint, in the last commit', async () => {
  const file = join(test.notebooks, 'a b.ipynb');
  await writeFile(file, notebook('committed'));
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  await writeFile(file, notebook('checked'));
  await new ContentsManager({ serverSettings: test.settings }).createCheckpoint('a b.ipynb');
  await writeFile(file, notebook('saved'));
  const path = encodeURIComponent('a b.ipynb');
  expect((await get(path)).body).toEqual({ versions: ['saved', 'checkpoint', 'head'] });
  const sources = await Promise.all(
    ['saved', 'checkpoint', 'head'].map(async version => {
      const { body } = await get(`${path}?version=${version}`);
      return (body as { cells: { source: string }[] }).cells[0]!.source;
    })
  );
  expect(sources).toEqual(['saved', 'checked', 'committed']);
});

it('has only the saved one where there is nothing else, and says what is missing', async () => {
  await writeFile(join(test.notebooks, 'new.ipynb'), notebook('x', { bpflab: { lab: '../../etc', language: 'en' } }));
  expect((await get('new.ipynb')).body).toEqual({ versions: ['saved'] });
  expect(await get('new.ipynb?version=head')).toMatchObject({ status: 404 });
  expect(await get('new.ipynb?version=nonsense')).toMatchObject({ status: 404 });
  expect((await get('none.ipynb')).status).toBe(404);
  expect((await get(encodeURIComponent('../../etc/passwd'))).status).toBeGreaterThanOrEqual(400);
});
