/** A virtual machine as a test wants it: opened, spoken to by its agent, closed. */
import { randomBytes } from 'node:crypto';
import { connectAgent } from '../../kernel-gateway/src/adapters/agent/connect-agent.js';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { createVmTarget, type VmTarget } from '../../kernel-gateway/src/adapters/vm/vm-target.js';
import type { AgentChannel, AgentConnection, TargetProvider } from '../../kernel-gateway/src/core/index.js';
import { AGENT_PROTOCOL_VERSION, LabError } from '../../kernel-gateway/src/protocol/index.js';

let nextRun = 1;

/** The `vm` target over the installed images. */
export function vmTarget(options: { cache?: string; keepSpare?: boolean } = {}): VmTarget {
  return createVmTarget({ cacheRoot: cacheRoot(), installed: readInstalled(), ...options });
}

/** Opens a channel of a target and says hello on it, as a session does. */
export async function connectTo(
  target: TargetProvider,
  session: string,
  wrap: (channel: AgentChannel) => AgentChannel = channel => channel
): Promise<AgentConnection> {
  const { signal } = new AbortController();
  const channel = await target.open({ session, kernel: null, signal, progress: () => undefined });
  const hello = { protocol: AGENT_PROTOCOL_VERSION, session, after: '0', lease_s: 10 };
  const restored = {
    realtime_ns: (BigInt(Date.now()) * 1_000_000n).toString(),
    entropy: randomBytes(32).toString('hex')
  };
  return connectAgent(wrap(channel), target.name === 'host' ? hello : { ...hello, ...restored });
}

/** Runs a shell line in the target; resolves with what it wrote on stdout and its status. */
export async function shell(
  connection: AgentConnection,
  line: string
): Promise<{ stdout: string; status: number | null }> {
  const run = `test-${nextRun++}`;
  const stdout = connection.newStream();
  const stderr = connection.newStream();
  let text = '';
  const read = new Promise<void>(resolve => {
    connection.onStream(stdout, { data: bytes => (text += Buffer.from(bytes).toString()), end: resolve });
  });
  connection.onStream(stderr, { data: () => undefined, end: () => undefined });
  const exited = new Promise<number | null>(resolve => {
    connection.onEvent(event => {
      if (event.event === 'exited' && event.run === run) resolve(event.status);
    });
  });
  await connection.request('exec', { run, argv: ['/bin/sh', '-c', line], env: {}, stdout, stderr });
  const lost = lossOf(connection).then(reason => {
    throw new LabError('BPFLAB_TARGET_LOST', reason);
  });
  const [status] = await Promise.race([Promise.all([exited, read]), lost]);
  await connection.request('stop', { run });
  return { stdout: text, status };
}

/** Resolves with the reason when the connection is lost. */
export function lossOf(connection: AgentConnection): Promise<string> {
  return new Promise(resolve => connection.onClose(resolve));
}
