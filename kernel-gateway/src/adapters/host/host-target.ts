import { spawn } from 'node:child_process';
import { release } from 'node:os';
import type { AgentChannel, TargetProvider } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { StreamChannel } from '../channel/stream-channel.js';

/** The agent stops its runs and sweeps within this time after its input ended; then it is killed. */
const END_TIMEOUT_MS = 5000;
const STDERR_CHARS = 16 * 1024;
/** What processes of cells get of our environment: never a token or a credential. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'USER', 'LOGNAME', 'TZ'];

/** What the `host` target is made of. */
export interface HostTargetOptions {
  /** Absolute path of the static `bpflab-agent`. */
  agentPath: string;
}

/**
 * The `host` target: the agent on this machine's own kernel, started as a child that ends when its input does, so also
 * when this process is killed. For root only, and only where somebody chose it.
 */
export function createHostTarget({ agentPath }: HostTargetOptions): TargetProvider {
  return {
    name: 'host',
    describe: () => `the kernel of this machine, ${release()}, with no protection`,
    open: ({ signal }) => {
      if (process.getuid?.() !== 0) {
        const message = 'Cannot load programs into the kernel of this machine — only root may.';
        return Promise.reject(
          new LabError('BPFLAB_TARGET_START', message, { hint: 'Use the target vm, or start as root.' })
        );
      }
      if (signal.aborted) return Promise.reject(new LabError('BPFLAB_CELL_INTERRUPTED', 'The start was canceled.'));
      return spawnAgent(agentPath);
    }
  };
}

function spawnAgent(agentPath: string): Promise<AgentChannel> {
  const env = Object.fromEntries(PASSED_ON.flatMap(name => (process.env[name] ? [[name, process.env[name]]] : [])));
  const child = spawn(agentPath, ['supervise', '--stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    cwd: '/',
    // A Ctrl-C in our terminal is for us: we end the agent in order. It ends with its input all the same.
    detached: true
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_CHARS)));
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(`the agent cannot be started: ${error.message}`));
    child.once('close', (code, killedBy) => {
      const how = killedBy === null ? `ended with status ${code}` : `was killed by ${killedBy}`;
      const lastLine = stderr.trim().split('\n').at(-1) ?? '';
      resolve(`the agent ${how}${lastLine === '' ? '' : `: ${lastLine}`}`);
    });
  });
  const end = (): void => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
    void ended.then(() => clearTimeout(timer));
  };
  return new Promise((resolve, reject) => {
    child.once('spawn', () =>
      resolve(new StreamChannel({ readable: child.stdout, writable: child.stdin, ended, end }))
    );
    child.once('error', error =>
      reject(new LabError('BPFLAB_TARGET_START', `Cannot start ${agentPath} — ${error.message}.`, { cause: error }))
    );
  });
}
