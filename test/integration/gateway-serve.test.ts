/** `bpflab serve` as a process: how it starts, what it needs, how it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { KernelAPI, ServerConnection } from '@jupyterlab/services';
import { KernelConnection } from '@jupyterlab/services/lib/kernel/default.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { requires } from '../requires.js';
import { isRunning } from './running-qemu.js';

const program = resolve(import.meta.dirname, '../../kernel-gateway/lib/cli/bpflab.js');
const TOKEN = 'serve-token';
const IDLE_RSS_KB = 120 * 1024;

let folder: string;
let started: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpflab-serve-test-'));
  started = [];
});

afterEach(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

interface Serving {
  child: ChildProcess;
  url: URL;
  output: () => string;
  /** Exit status, or the signal's name. */
  ended: Promise<number | string>;
}

function launch(...options: string[]): { child: ChildProcess; output: () => string; ended: Promise<number | string> } {
  const env = { ...process.env, XDG_CONFIG_HOME: join(folder, 'config'), TMPDIR: folder, BPFLAB_TOKEN: TOKEN };
  const args = [program, 'serve', '--notebook-dir', folder, ...options];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | string>(done => child.once('close', (code, signal) => done(signal ?? code ?? -1)));
  return { child, output: () => text, ended };
}

async function serve(...options: string[]): Promise<Serving> {
  const launched = launch(...options);
  const url = await new Promise<URL>((found, failed) => {
    launched.child.stdout!.on('data', () => {
      const address = /http:\S+token=\S+/.exec(launched.output())?.[0];
      if (address) found(new URL(address));
    });
    void launched.ended.then(status => failed(new Error(`ended with ${status}: ${launched.output()}`)));
  });
  return { ...launched, url };
}

/** A process and all below it. */
function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const tree = [pid];
  for (const parent of tree) for (const [child, its] of parents) if (its === parent) tree.push(child);
  return tree;
}

/** What of a tree has not ended, with its words: a bare number says nothing of what was left. */
const stillRunning = (tree: readonly number[]): string[] => tree.filter(isRunning).map(pid => `${pid} ${wordsOf(pid)}`);

function wordsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return 'which has just ended';
  }
}

/** A kernel with a process in its microVM, and a terminal. */
async function occupy({ url }: Serving): Promise<void> {
  const settings = ServerConnection.makeSettings({
    baseUrl: `${url.origin}/`,
    wsUrl: `${url.origin.replace('http', 'ws')}/`,
    token: TOKEN,
    appendToken: true
  });
  const kernel = new KernelConnection({
    model: await KernelAPI.startNew({ name: 'bpflab' }, settings),
    serverSettings: settings
  });
  const reply = await kernel.requestExecute({ code: '%%sh --bg\nsleep 10000' }).done;
  expect(reply.content.status).toBe('ok');
  kernel.dispose();
  const headers = { authorization: `token ${TOKEN}` };
  expect((await fetch(`${url.origin}/api/terminals`, { method: 'POST', headers })).status).toBe(200);
}

requires('vm')('bpflab serve', () => {
  it('prints the address with its token, and fits into its memory when idle', async () => {
    const serving = await serve('--port', '0', '--base-url', 'a/b');
    expect(serving.url.pathname).toBe('/a/b/lab');
    expect(serving.url.searchParams.get('token')).toBe(TOKEN);
    expect((await fetch(serving.url, { redirect: 'manual' })).status).toBe(302);
    const rssKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serving.child.pid}/status`, 'utf8'))![1]);
    expect(rssKb).toBeLessThan(IDLE_RSS_KB);
    serving.child.kill('SIGINT');
    expect(await serving.ended).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with all that it has started at %s', async signal => {
    const serving = await serve('--port', '0');
    await occupy(serving);
    const tree = processTree(serving.child.pid!);
    expect(tree.length).toBeGreaterThan(2);
    serving.child.kill(signal);
    expect(await serving.ended).toBe(0);
    await expect.poll(() => stillRunning(tree), { timeout: 10_000 }).toEqual([]);
    expect(readdirSync(folder).filter(name => name.startsWith('bpflab-'))).toEqual([]);
  });

  it('leaves no process behind when it is killed', async () => {
    const serving = await serve('--port', '0');
    await occupy(serving);
    const tree = processTree(serving.child.pid!);
    serving.child.kill('SIGKILL');
    expect(await serving.ended).toBe('SIGKILL');
    await expect.poll(() => stillRunning(tree), { timeout: 10_000 }).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends when only the npm that started it gets %s', async signal => {
    const start = resolve(import.meta.dirname, '../../scripts/setup/run-product.mjs');
    const script =
      `import { runProduct } from ${JSON.stringify(start)};` +
      `process.exitCode = await runProduct(['serve', '--port', '0', '--notebook-dir', ${JSON.stringify(folder)}]);`;
    // As npm does it: a shell in between, which tells nobody of its end.
    const shell = spawn('sh', ['-c', '"$@"; :', 'sh', process.execPath, '--input-type=module', '-e', script], {
      env: { ...process.env, npm_lifecycle_event: 'start', XDG_CONFIG_HOME: join(folder, 'config'), TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit']
    });
    started.push(shell);
    await new Promise<void>(serving => {
      let text = '';
      shell.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (/token=\S+\s/.test(text)) serving();
      });
    });
    const tree = processTree(shell.pid!);
    expect(tree.length).toBeGreaterThan(2);
    shell.kill(signal);
    await expect.poll(() => stillRunning(tree), { timeout: 15_000 }).toEqual([]);
    expect(readdirSync(folder).filter(name => name.startsWith('bpflab-'))).toEqual([]);
  });

  it('sweeps at the next start what a killed one left', async () => {
    const killed = await serve('--port', '0');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const left = (): string[] => readdirSync(folder).filter(name => name.startsWith('bpflab-sessions'));
    expect(left()).toHaveLength(1);
    const next = await serve('--port', '0');
    expect(left()).toEqual([expect.stringContaining(`-${next.child.pid}-`)]);
    next.child.kill('SIGTERM');
    await next.ended;
    expect(left()).toEqual([]);
  });

  it('ends when the user chooses Shut Down', async () => {
    const serving = await serve('--port', '0');
    const headers = { authorization: `token ${TOKEN}` };
    await fetch(`${serving.url.origin}/api/shutdown`, { method: 'POST', headers });
    expect(await serving.ended).toBe(0);
  });

  it('says when its port is taken, and which options are wrong', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise(listening => other.once('listening', listening));
    const taken = launch('--port', String((other.address() as AddressInfo).port));
    expect(await taken.ended).not.toBe(0);
    expect(taken.output()).toContain('BPFLAB_SERVER_LISTEN');
    other.close();
    const wrong = launch('--port', '70000');
    expect(await wrong.ended).toBe(2);
    const empty = launch('--token', '');
    expect(await empty.ended).toBe(2);
  });

  it('says when the notebook folder is not there', async () => {
    const launched = launch('--notebook-dir', join(folder, 'none'));
    expect(await launched.ended).not.toBe(0);
    expect(launched.output()).toMatch(/BPFLAB_CONTENTS_MISSING: .*none/);
  });
});
