/** A real server with scripted sessions on a free port, and a Jupyter client of it. */
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ServerConnection } from '@jupyterlab/services';
import { startJupyterServer, type JupyterServer } from '../../kernel-gateway/src/adapters/jupyter/jupyter-server.js';
import type { JupyterServerOptions } from '../../kernel-gateway/src/adapters/jupyter/server-options.js';
import { ScriptedSession } from '../fixtures/scripted-session.mjs';

export const TOKEN = 'owner-token';
export const FOLLOWER = 'follower-token';
export const METRICS = 'metrics-token';

export interface TestServer {
  server: JupyterServer;
  folder: string;
  /** Notebook folder of the server. */
  notebooks: string;
  origin: string;
  settings: ServerConnection.ISettings;
  sessions: ScriptedSession[];
  fetch(path: string, init?: RequestInit & { token?: string | null }): Promise<Response>;
  /** Makes an empty notebook and a session of it; gives the kernel's id. */
  openNotebook(path: string): Promise<string>;
  /** Shows a notebook to followers, or no more. */
  share(path: string, isShared?: boolean): Promise<Response>;
  close(): Promise<void>;
}

/** An application as the build leaves it, with one plugin's settings. */
async function writeApplication(folder: string): Promise<void> {
  const schemas = join(folder, 'schemas/@bpflab/extension');
  await mkdir(join(folder, 'static'), { recursive: true });
  await mkdir(schemas, { recursive: true });
  await mkdir(join(folder, 'locale/zh_CN'), { recursive: true });
  await mkdir(join(folder, 'themes/@x/theme'), { recursive: true });
  await writeFile(
    join(folder, 'index.html'),
    '<script id="jupyter-config-data" type="application/json">{{page_config}}</script>' +
      '<script defer src="{{static_url}}/main.0123456789abcdef.js"></script>'
  );
  await writeFile(join(folder, 'app.json'), JSON.stringify({ version: '1.2.3', disabledExtensions: ['x:y'] }));
  await writeFile(join(folder, 'static/main.0123456789abcdef.js'), 'void 0;\n');
  await writeFile(join(folder, 'static/favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, 'themes/@x/theme/index.css'), 'body{}');
  await writeFile(join(folder, 'locale/zh_CN/bpflab.json'), JSON.stringify({ Stop: ['停止'] }));
  await writeFile(join(schemas, 'plugin.json'), JSON.stringify({ title: 'bpflab', properties: { rows: {} } }));
  await writeFile(join(schemas, 'package.json.orig'), JSON.stringify({ version: '0.1.0' }));
}

export async function startTestServer(changes: Partial<JupyterServerOptions> = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bpflab-gateway-'));
  const notebooks = join(folder, 'notebooks');
  await mkdir(notebooks);
  await writeApplication(join(folder, 'app'));
  const sessions: ScriptedSession[] = [];
  const noShell = (): Promise<never> => Promise.reject(new Error('no shell'));
  const server = await startJupyterServer({
    port: 0,
    ip: '127.0.0.1',
    baseUrl: '/',
    token: TOKEN,
    followerToken: FOLLOWER,
    metricsToken: METRICS,
    allowedHosts: [],
    notebookDir: notebooks,
    applicationDir: join(folder, 'app'),
    labsDir: resolve(import.meta.dirname, '../../labs'),
    languagesDir: join(folder, 'languages'),
    stateDir: join(folder, 'state'),
    labextensionDirs: [],
    version: '1.2.3',
    lab: {
      openSession: ({ id }) => {
        const session = new ScriptedSession(id);
        sessions.push(session);
        return Promise.resolve(session);
      },
      openSandboxShell: noShell,
      openTargetShell: noShell,
      openPodShell: noShell,
      judgeLesson: () => Promise.resolve([]),
      listContainers: () => Promise.resolve([]),
      describe: () => Promise.resolve({ target: 'scripted', kernelRelease: '', versions: {} })
    },
    endWhenIdleMs: null,
    onShutdownRequest: () => undefined,
    ...changes
  });
  const baseUrl = changes.baseUrl ?? '/';
  const origin = `http://127.0.0.1:${server.port}`;
  const settings = ServerConnection.makeSettings({
    baseUrl: origin + baseUrl,
    appUrl: 'lab',
    wsUrl: origin.replace('http', 'ws') + baseUrl,
    token: TOKEN,
    appendToken: true
  });
  const test: TestServer = {
    server,
    folder,
    notebooks,
    origin,
    settings,
    sessions,
    fetch: (path, { token = TOKEN, ...init } = {}) => {
      const headers = new Headers(init.headers);
      if (token !== null) headers.set('authorization', `token ${token}`);
      if (typeof init.body === 'string' && !headers.has('content-type'))
        headers.set('content-type', 'application/json');
      return fetch(origin + baseUrl + path, { redirect: 'manual', ...init, headers });
    },
    openNotebook: async path => {
      const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] };
      await writeFile(join(notebooks, path), JSON.stringify(notebook));
      const body = JSON.stringify({ path, name: path, type: 'notebook', kernel: { name: 'bpflab' } });
      const session = await test.fetch('api/sessions', { method: 'POST', body });
      return ((await session.json()) as { kernel: { id: string } }).kernel.id;
    },
    share: (path, isShared = true) =>
      test.fetch('bpflab/api/follow', { method: 'POST', body: JSON.stringify({ path, share: isShared }) }),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    }
  };
  return test;
}
