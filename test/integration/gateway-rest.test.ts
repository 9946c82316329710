import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ContentsManager, SessionAPI, SettingManager, WorkspaceManager } from '@jupyterlab/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOLLOWER, startTestServer, type TestServer } from './gateway-server.js';

let test: TestServer;

beforeAll(async () => {
  test = await startTestServer();
});

afterAll(() => test.close());

describe('settings and workspaces, seen by @jupyterlab/services', () => {
  it('lists schemas, keeps what is saved, refuses what is no JSON', async () => {
    const settings = new SettingManager({ serverSettings: test.settings });
    const id = '@bpflab/extension:plugin';
    expect((await settings.list()).ids).toEqual([id]);
    expect((await settings.list('ids')).ids).toEqual([id]);
    await settings.save(id, '// mine\n{ rows: 5 }');
    const saved = (await settings.fetch(id)) as unknown as { raw: string; settings: object; version: string };
    expect(saved).toMatchObject({ raw: '// mine\n{ rows: 5 }', settings: { rows: 5 }, version: '0.1.0' });
    await expect(settings.save(id, '{ rows: ')).rejects.toThrow();
    await expect(settings.fetch('@x/unknown:plugin')).rejects.toThrow();
  });

  it('keeps workspaces by id', async () => {
    const workspaces = new WorkspaceManager({ serverSettings: test.settings });
    expect(await workspaces.fetch('default')).toEqual({ data: {}, metadata: { id: 'default' } });
    await workspaces.save('default', { data: { 'layout:x': { a: 1 } }, metadata: { id: 'default' } });
    await workspaces.save('a/b', { data: {}, metadata: { id: 'a/b' } });
    expect((await workspaces.fetch('default')).data).toEqual({ 'layout:x': { a: 1 } });
    expect((await workspaces.list()).ids.sort()).toEqual(['a/b', 'default']);
    await workspaces.remove('default');
    expect((await workspaces.fetch('default')).data).toEqual({});
  });
});

describe('contents, seen by @jupyterlab/services', () => {
  it('goes through the life of a notebook', async () => {
    const contents = new ContentsManager({ serverSettings: test.settings });
    const created = await contents.newUntitled({ type: 'notebook' });
    expect(created.path).toBe('Untitled.ipynb');
    const model = await contents.get(created.path, { content: true, hash: true });
    expect(model.content).toMatchObject({ nbformat: 4, cells: [] });
    const saved = await contents.save(created.path, {
      type: 'notebook',
      format: 'json',
      content: model.content as object
    });
    expect((await contents.get(created.path, { content: false, hash: true })).hash).toBe(saved.hash);
    await writeFile(
      join(test.notebooks, 'Untitled.ipynb'),
      '{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"markdown","id":"a","source":"x"}]}'
    );
    expect((await contents.get(created.path, { content: false, hash: true })).hash).not.toBe(saved.hash);
    const checkpoint = await contents.createCheckpoint(created.path);
    expect(await contents.listCheckpoints(created.path)).toEqual([checkpoint]);
    await contents.restoreCheckpoint(created.path, checkpoint.id);
    await contents.deleteCheckpoint(created.path, checkpoint.id);
    expect((await contents.rename(created.path, 'b c.ipynb')).path).toBe('b c.ipynb');
    expect((await contents.copy('b c.ipynb', '')).path).toBe('b c-Copy1.ipynb');
    await contents.delete('b c.ipynb');
    await expect(contents.get('b c.ipynb')).rejects.toThrow('There is no "b c.ipynb"');
    contents.dispose();
  });
});

describe('sessions, seen by @jupyterlab/services', () => {
  it('gives one kernel to a path, however many ask at once', async () => {
    const options = { path: 'a.ipynb', name: 'a.ipynb', type: 'notebook', kernel: { name: 'bpflab' } };
    const [first, second] = await Promise.all([
      SessionAPI.startSession(options, test.settings),
      SessionAPI.startSession(options, test.settings)
    ]);
    expect(first).toEqual(second);
    const renamed = await SessionAPI.updateSession({ id: first.id, path: 'b.ipynb', name: 'b.ipynb' }, test.settings);
    expect([renamed.path, renamed.kernel?.id]).toEqual(['b.ipynb', first.kernel?.id]);
    await SessionAPI.shutdownSession(first.id, test.settings);
    expect(await (await test.fetch('api/kernels')).json()).toEqual([]);
    expect(test.sessions.every(session => session.isClosed)).toBe(true);
  });
});

describe('the rest of what JupyterLab asks', () => {
  it.each([
    ['api/', { version: '1.2.3' }],
    ['api/nbconvert', {}],
    ['api/terminals', []],
    ['api/config/notebook', {}],
    ['lab/api/translations/zh_CN', { data: { bpflab: { Stop: ['停止'] } }, message: '' }],
    ['lab/api/translations/default', { data: {}, message: '' }],
    ['api/kernelspecs', { default: 'bpflab' }],
    ['bpflab/api/status', { version: '1.2.3', target: 'scripted' }]
  ])('answers %s', async (path, expected) => {
    const response = await test.fetch(path);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(expected);
  });

  it('answers in the language of the browser where none was chosen', async () => {
    const response = await test.fetch('lab/api/translations/default', {
      headers: { 'accept-language': 'zh-CN,en;q=0.8' }
    });
    expect(await response.json()).toMatchObject({ data: { bpflab: { Stop: ['停止'] } } });
  });

  it("adds JupyterLab's own catalogs to ours where set-up has fetched them", async () => {
    await mkdir(join(test.folder, 'languages/zh_CN'), { recursive: true });
    await writeFile(join(test.folder, 'languages/zh_CN/jupyterlab.json'), '{"File":["文件"]}');
    const { data } = (await (await test.fetch('lab/api/translations/zh_CN')).json()) as { data: object };
    expect(data).toEqual({ bpflab: { Stop: ['停止'] }, jupyterlab: { File: ['文件'] } });
  });

  it('serves hashed files for ever and the page anew', async () => {
    const file = await test.fetch('static/lab/main.0123456789abcdef.js');
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await test.fetch('static/lab/favicon.svg')).headers.get('cache-control')).toBe('no-cache');
    expect((await test.fetch('lab')).headers.get('cache-control')).toBe('no-store');
    expect((await test.fetch('favicon.ico')).headers.get('content-type')).toContain('image/svg+xml');
    expect((await test.fetch('lab/api/themes/@x/theme/index.css')).status).toBe(200);
    expect((await test.fetch('lab/api/themes/../app.json')).status).toBe(404);
  });

  it('merges config sections', async () => {
    const patch = (body: object): Promise<Response> =>
      test.fetch('api/config/notebook', { method: 'PATCH', body: JSON.stringify(body) });
    await patch({ a: { b: 1, c: 2 } });
    expect(await (await patch({ a: { b: null } })).json()).toEqual({ a: { c: 2 } });
    expect((await test.fetch('api/config/..%2fx')).status).toBe(400);
  });
});

describe('labs', () => {
  interface Labs {
    labs: { id: string; title: string; course: string }[];
  }
  it('are listed in the order of their course, in the language that is asked for', async () => {
    const { labs } = (await (await test.fetch('bpflab/api/labs')).json()) as Labs;
    expect(labs.slice(0, 2).map(({ id }) => id)).toEqual(['start/01-hello', 'start/02-exec-events']);
    const chinese = (await (await test.fetch('bpflab/api/labs?language=zh-CN')).json()) as Labs;
    expect(chinese.labs[0]!.title).not.toBe(labs[0]!.title);
    expect([labs[0]!.course, chinese.labs[0]!.course]).toEqual(['Start here', '从这里开始']);
  });

  it('become notebooks of the user, never written over', async () => {
    const open = async (): Promise<unknown> =>
      (await test.fetch('bpflab/api/labs/start/01-hello/open', { method: 'POST' })).json();
    expect(await open()).toEqual({ path: 'labs/start/01-hello.ipynb', created: true });
    const file = join(test.notebooks, 'labs/start/01-hello.ipynb');
    const notebook = JSON.parse(await readFile(file, 'utf8')) as { cells: { cell_type: string; source: string[] }[] };
    expect(notebook.cells.map(cell => cell.cell_type)).toContain('code');
    expect(notebook.cells[0]!.source[0]).toMatch(/^# /);
    await writeFile(file, '{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}');
    expect(await open()).toEqual({ path: 'labs/start/01-hello.ipynb', created: false });
    expect(await readFile(file, 'utf8')).toContain('"cells":[]');
    expect((await test.fetch('bpflab/api/labs/..%2f..%2fetc/open', { method: 'POST' })).status).toBe(404);
  });
});

describe('lessons of other repositories', () => {
  const fixture = resolve(import.meta.dirname, '../fixtures/lessons/tutorial');
  const importOf = async (source: string): Promise<{ type: string }[]> => {
    const body = JSON.stringify({ source, language: 'both' });
    const text = await (await test.fetch('bpflab/api/lessons/import', { method: 'POST', body })).text();
    return text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string });
  };

  it('are imported with progress, and listed in the language that is asked for', async () => {
    const lines = await importOf(fixture);
    expect(lines.slice(0, -1).map(({ type }) => type)).toEqual(['progress', 'progress', 'progress', 'progress']);
    expect(lines.at(-1)).toMatchObject({ type: 'done', folder: 'lessons/tutorial', lessons: 3 });
    const list = async (language: string): Promise<unknown> =>
      (await test.fetch(`bpflab/api/lessons?language=${language}`)).json();
    const lesson = { id: 'src/1-first', group: 'First steps' };
    const folder = 'lessons/tutorial/src/1-first';
    expect(await list('en')).toMatchObject({
      courses: [{ lessons: [{ ...lesson, path: `${folder}/1-first.ipynb` }, {}, {}] }]
    });
    expect(await list('zh-CN')).toMatchObject({
      courses: [{ lessons: [{ path: `${folder}/1-first.zh.ipynb` }, {}, {}] }]
    });
  });

  it('say why there are none, and are for the owner', async () => {
    expect(await importOf('nowhere')).toMatchObject([{ type: 'error', code: 'BPFLAB_LESSONS_SOURCE' }]);
    const refused = await test.fetch('bpflab/api/lessons/import', { method: 'POST', body: '{}', token: FOLLOWER });
    expect(refused.status).toBe(403);
  });
});
