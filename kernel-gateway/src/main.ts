/** Composition of the server: lab, Jupyter, and where this checkout keeps what they serve. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot } from './adapters/install/cache-root.js';
import { gatewayProgram } from './adapters/runtime/gateway-program.js';
import { announceGateway } from './adapters/runtime/running-gateway.js';
import { startJupyterServer, type JupyterServer } from './adapters/jupyter/jupyter-server.js';
import type { JupyterServerOptions } from './adapters/jupyter/server-options.js';
import { createLabServices } from './lab-services.js';
import { createLab } from './lab.js';
import { LabError } from './protocol/index.js';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Port that is tried first when none is asked for, and how many after it. */
const FIRST_PORT = 8888;
const PORT_TRIES = 50;

/** How a server is started; what is absent has the default that `bpflab serve --help` names. */
export interface StartOptions {
  /** Just this port; 0: any that is free. Absent: 8888 or the next free one. */
  port?: number;
  ip?: string;
  token?: string;
  followerToken?: string;
  metricsToken?: string;
  baseUrl?: string;
  allowedHosts?: string[];
  notebookDir?: string;
  labextensionDirs?: string[];
  /** Target of sessions that name none: `vm`, `host`, `replay:FILE`. */
  target?: string;
  /** Kernel of the vm target. */
  kernel?: string;
  /** `onShutdownRequest` is called when there was no kernel for this long. */
  endWhenIdleMs?: number;
  /** The user chose File > Shut Down; the caller closes the server. */
  onShutdownRequest?: () => void;
}

/** A server that runs; `close` ends kernels, terminals and targets, and resolves when nothing is left. */
export interface RunningServer {
  url: string;
  port: number;
  notebookDir: string;
  close(): Promise<void>;
}

/**
 * Starts the server on this checkout's application, labs and images.
 *
 * @throws LabError BPFLAB_IMAGE_MISSING, BPFLAB_APPLICATION_MISSING, BPFLAB_SERVER_LISTEN, BPFLAB_CONTENTS_MISSING
 */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const { target, kernel, ...given } = { ...defaults(), ...options };
  const notebookDir = resolve(given.notebookDir);
  const lab = createLab({ target, kernel });
  const services = await createLabServices(lab, notebookDir);
  try {
    const server = await listenAtFreePort(options, {
      ...given,
      baseUrl: normalBaseUrl(given.baseUrl),
      notebookDir,
      applicationDir: join(checkout, 'extension/app/dist'),
      labsDir: join(checkout, 'labs'),
      languagesDir: join(cacheRoot(), 'locale'),
      stateDir: stateFolder(),
      labextensionDirs: given.labextensionDirs.map(folder => resolve(folder)),
      version: await productVersion(),
      lab: services
    });
    const url = localUrl(server, given);
    const withdraw = await announceGateway({ url, token: given.token, checkout: gatewayProgram.checkout });
    const close = async (): Promise<void> => {
      await withdraw();
      await server.close();
      await services.close();
    };
    return { url: server.url, port: server.port, notebookDir, close };
  } catch (error) {
    await services.close();
    throw error;
  }
}

const defaults = () => ({
  ip: '127.0.0.1',
  token: randomBytes(24).toString('hex'),
  // It opens nothing as long as nothing is shown to followers.
  followerToken: randomBytes(24).toString('hex'),
  metricsToken: null,
  baseUrl: '/',
  allowedHosts: [],
  notebookDir: '.',
  labextensionDirs: [],
  target: 'vm',
  kernel: null,
  endWhenIdleMs: null,
  onShutdownRequest: () => undefined
});

/** Base address for programs of this machine. */
function localUrl({ port }: JupyterServer, { ip, baseUrl }: { ip: string; baseUrl: string }): string {
  const host = ip === '0.0.0.0' || ip === '::' ? '127.0.0.1' : ip.includes(':') ? `[${ip}]` : ip;
  return `http://${host}:${port}${normalBaseUrl(baseUrl)}`;
}

async function listenAtFreePort(
  { port }: StartOptions,
  options: Omit<JupyterServerOptions, 'port'>
): Promise<JupyterServer> {
  if (port !== undefined) return startJupyterServer({ ...options, port });
  for (let next = FIRST_PORT; ; next++) {
    try {
      return await startJupyterServer({ ...options, port: next });
    } catch (error) {
      const isTaken =
        error instanceof LabError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
      if (!isTaken || next >= FIRST_PORT + PORT_TRIES) throw error;
    }
  }
}

/** With a slash at both ends. */
function normalBaseUrl(path: string): string {
  const inner = path.replace(/^\/+|\/+$/g, '');
  return inner === '' ? '/' : `/${inner}/`;
}

/** Settings, workspaces and config of this user, as XDG says. */
function stateFolder(): string {
  return join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'bpflab');
}

async function productVersion(): Promise<string> {
  return (JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string }).version;
}
