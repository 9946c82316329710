import { Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../core/cells/duration.js';
import type { RunningServer } from '../main.js';

interface ServeCommandOptions {
  port?: number;
  ip: string;
  token?: string;
  followerToken?: string;
  metricsToken?: string;
  baseUrl: string;
  allowHost: string[];
  notebookDir: string;
  labextensionDir: string[];
  target: string;
  kernel?: string;
  endWhenIdle?: number;
}

/** `bpflab serve`: the server of the application; `npm start` runs it after set-up. */
export function serveCommand(): Command {
  const several = (value: string, before: string[]): string[] => [...before, value];
  return new Command('serve')
    .description('serves the application and Jupyter clients until it is stopped')
    .option('--port <number>', 'port to listen at; 0: any (default: 8888 or the next free one)', parsePort)
    .option('--ip <address>', 'address to listen at', '127.0.0.1')
    .option('--token <text>', 'token of the address (default: BPFLAB_TOKEN, else a new one at each start)', notEmpty)
    .option('--follower-token <text>', 'token with which others may look, and change nothing', notEmpty)
    .option('--metrics-token <text>', 'token that reads /metrics and nothing else', notEmpty)
    .option('--base-url <path>', 'path that everything is served below', '/')
    .option('--allow-host <name>', 'further host name of this server, as behind a proxy', several, [])
    .option('--notebook-dir <folder>', 'folder with your notebooks', '.')
    .option('--labextension-dir <folder>', 'folder with prebuilt labextensions to load', several, [])
    .option('--target <name>', 'where programs run: vm, host, pod, pod:NODE or replay:FILE', 'vm')
    .option('--kernel <release>', 'kernel of the vm target, as in "bpflab kernel list"')
    .option('--end-when-idle <duration>', 'ends when no kernel was used for this long, such as 60s', parseIdle)
    .action(serve);
}

async function serve(options: ServeCommandOptions): Promise<void> {
  await checkTarget(options.target);
  const ending = endOfServer();
  const { startServer } = await import('../main.js');
  const { allowHost, labextensionDir, endWhenIdle, ...rest } = options;
  const token = options.token ?? process.env['BPFLAB_TOKEN'];
  const server = await startServer({
    ...rest,
    ...(token ? { token } : {}),
    ...(endWhenIdle === undefined ? {} : { endWhenIdleMs: endWhenIdle }),
    allowedHosts: allowHost,
    labextensionDirs: labextensionDir,
    onShutdownRequest: ending.begin
  });
  announce(server, options);
  await ending.begun;
  console.log('Ending sessions …');
  await server.close();
}

/** A cluster without agents is said now, and not by each cell. */
async function checkTarget(target: string): Promise<void> {
  if (!/^pod(:|$)/.test(target)) return;
  const { openCluster } = await import('../adapters/kubernetes/cluster-client.js');
  const { findAgentPod } = await import('../adapters/kubernetes/agent-pods.js');
  await findAgentPod(await openCluster(null), null);
}

function announce({ url, notebookDir }: RunningServer, { target, ip }: ServeCommandOptions): void {
  console.log(`bpflab serves ${notebookDir}, programs run on "${target}". Stop it with Ctrl-C.`);
  if (!/^(127\.|::1$|localhost$)/.test(ip)) {
    console.log(
      'Others on the network can reach it. The token is their only barrier, and it is not encrypted on its way.'
    );
  }
  console.log(`\n    ${url}\n`);
}

/** `begun` resolves at the first SIGINT, SIGTERM or SIGHUP, or call of `begin`; a second signal ends at once. */
function endOfServer(): { begun: Promise<void>; begin: () => void } {
  let begin = (): void => undefined;
  const begun = new Promise<void>(resolve => (begin = resolve));
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (++signals > 1) process.exit(130);
      begin();
    });
  }
  // One session's fault must not end the others'.
  process.on('unhandledRejection', error => console.error(error));
  return { begun, begin: () => begin() };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('It is a number from 0 to 65535.');
  return port;
}

function parseIdle(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('It must be a duration such as 60s or 10m.');
  return ms;
}

function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
