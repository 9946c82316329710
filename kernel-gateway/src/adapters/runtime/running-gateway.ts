/**
 * Gateways of this user that run: each keeps a file with its address and token, which only its user can read. Kernels of
 * other Jupyter front ends find it there.
 */
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive } from '../install/process-alive.js';

/** What a gateway's file says. */
export interface RunningGateway {
  version: 1;
  pid: number;
  /** Base of all its routes, with a slash at the end. */
  url: string;
  token: string;
  /** Absolute folder of the code that it runs. */
  checkout: string;
}

/** Answers that take longer are none. */
const ANSWER_MS = 3000;

/** `$BPFLAB_RUNTIME_DIR`, else the user's runtime folder of the session, else one below their data. */
export function runtimeFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['BPFLAB_RUNTIME_DIR']) return env['BPFLAB_RUNTIME_DIR'];
  if (env['XDG_RUNTIME_DIR']) return join(env['XDG_RUNTIME_DIR'], 'bpflab');
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'bpflab/runtime');
}

/** Writes this process's file; the returned function removes it. */
export async function announceGateway(gateway: Omit<RunningGateway, 'version' | 'pid'>): Promise<() => Promise<void>> {
  const folder = runtimeFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `gateway-${process.pid}.json`);
  // Of a process that had this number before and was killed.
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify({ version: 1, pid: process.pid, ...gateway } satisfies RunningGateway));
  } finally {
    await file.close();
  }
  return () => rm(path, { force: true });
}

/** A gateway of that code that answers now, of `pid` when it is given; null when there is none. Files of those that are gone are removed. */
export async function findGateway(checkout: string, pid?: number): Promise<RunningGateway | null> {
  const folder = runtimeFolder();
  const names = (await readdir(folder).catch(() => [])).filter(name => /^gateway-\d+\.json$/.test(name));
  for (const name of names.sort()) {
    const gateway = await readGateway(join(folder, name));
    if (gateway === null) continue;
    if (!isProcessAlive(gateway.pid)) await rm(join(folder, name), { force: true });
    else if (gateway.checkout === checkout && (pid ?? gateway.pid) === gateway.pid && (await answers(gateway))) {
      return gateway;
    }
  }
  return null;
}

async function readGateway(path: string): Promise<RunningGateway | null> {
  try {
    const gateway = JSON.parse(await readFile(path, 'utf8')) as RunningGateway;
    return gateway.version === 1 ? gateway : null;
  } catch {
    // Being written, or removed meanwhile.
    return null;
  }
}

async function answers({ url, token }: RunningGateway): Promise<boolean> {
  const headers = { authorization: `token ${token}` };
  return fetch(`${url}api/status`, { headers, signal: AbortSignal.timeout(ANSWER_MS) }).then(
    response => response.ok,
    () => false
  );
}
