/** A program of `programs/` loaded over an agent connection, below the session: for figures of single parts. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { connectAgent } from '../../kernel-gateway/lib/adapters/agent/connect-agent.js';
import { createHostTarget } from '../../kernel-gateway/lib/adapters/host/host-target.js';
import { cacheRoot } from '../../kernel-gateway/lib/adapters/install/cache-root.js';
import { putContent } from '../../kernel-gateway/lib/adapters/session/place-file.js';
import { createToolchain } from '../../kernel-gateway/lib/adapters/toolchain/create-toolchain.js';
import { createVmTarget } from '../../kernel-gateway/lib/adapters/vm/vm-target.js';
import { readObject } from '../../kernel-gateway/lib/core/object/read-object.js';

/**
 * @param {import('./bench.mjs').Bench} bench
 * @param {{ target: 'vm' | 'host', name: string, edit?: (source: string) => string }} options
 */
export async function loadProgram({ installed, folder }, { target, name, edit = source => source }) {
  const vm = target === 'vm' ? createVmTarget({ cacheRoot: cacheRoot(), installed }) : null;
  const provider = vm ?? createHostTarget({ agentPath: installed.agent.path });
  const toolchain = createToolchain(installed, cacheRoot());
  const sessionFolder = path.join(folder, `load-${name}-${target}`);
  mkdirSync(sessionFolder, { recursive: true });
  const { signal } = new AbortController();
  const session = `bench-${name}-${target}`;
  const channel = await provider.open({ session, kernel: null, signal, progress: () => {} });
  const hello = { protocol: 1, session, after: '0', lease_s: 10 };
  const restored = {
    realtime_ns: (BigInt(Date.now()) * 1_000_000n).toString(),
    entropy: randomBytes(32).toString('hex')
  };
  const connection = await connectAgent(channel, target === 'vm' ? { ...hello, ...restored } : hello);
  const body = edit(readFileSync(path.join(import.meta.dirname, 'programs', `${name}.bpf.c`), 'utf8'));
  const kernel = connection.hello.kernel_release;
  const request = { name, body, bodyLine: 1, pristine: true, sessionFolder, kernel };
  const outcome = await toolchain.compileBpf(request, signal);
  if (outcome.kind !== 'built') throw new Error(outcome.raw);
  const { loadable, sha256, object } = outcome.build;
  await putContent(connection, loadable, sha256);
  const log_stream = connection.newStream();
  connection.onStream(log_stream, { data: () => {}, end: () => {} });
  const run = 'bench';
  const fields = { run, sha256, object_name: name, programs: {}, globals: [], maps: {}, log_stream };
  const loaded = await connection.request('load', fields);
  return {
    connection,
    run,
    object: readObject(object),
    programs: loaded.programs,
    /** @param {string} map */
    mapId: map => loaded.maps.find(one => one.name === map)?.id ?? -1,
    attach: async () => {
      for (const program of loaded.programs) {
        await connection.request('attach', { run, program: program.name, options: {} });
      }
    },
    /** Starts what makes the system calls that the program counts on; it is ended with the connection. */
    callGetsid: () => {
      const [stdout, stderr] = [connection.newStream(), connection.newStream()];
      for (const stream of [stdout, stderr]) connection.onStream(stream, { data: () => {}, end: () => {} });
      const argv = ['/usr/bin/perl', '-e', 'syscall(124, 0) while 1'];
      return connection.request('exec', { run: 'calls', argv, env: {}, stdout, stderr });
    },
    close: async () => {
      await connection.close();
      await Promise.all([toolchain.close(), vm?.close()]);
    }
  };
}
