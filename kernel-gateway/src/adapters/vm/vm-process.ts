import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { ConsoleTail } from './console-tail.js';
import { qemuCommand, VmFd, type VmStart } from './qemu-command.js';
import { QmpClient } from './qmp-client.js';
import type { VmSpec } from './vm-spec.js';

const STDERR_CHARS = 16 * 1024;

/**
 * A running QEMU in its sandbox. Whoever starts it kills it; it also dies with this process, however that ends, and
 * has no file of its own anywhere: agent, control protocol and console are inherited sockets.
 */
export class VmProcess {
  /** The agent's port; bytes stay in it until somebody reads. */
  readonly agent: Duplex;
  readonly qmp: QmpClient;
  readonly console = new ConsoleTail();
  /** Resolves with one clause (no capital, no full stop) when QEMU is gone and all it wrote has been read. Never rejects. */
  readonly ended: Promise<string>;
  /** Host process id of the sandbox's outer process; QEMU is its only child. */
  readonly pid: number;
  readonly #child: ChildProcess;
  #stderr = '';
  #wasKilled = false;

  constructor(spec: VmSpec, start: VmStart) {
    const { command, args } = qemuCommand(spec, start);
    // Node makes each 'pipe' a pair of connected UNIX sockets, which is what QEMU's socket chardev wants.
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      env: {},
      cwd: '/',
      // A Ctrl-C in our terminal is for us: we end the machine in order. It dies with us all the same (bwrap).
      detached: true
    });
    this.pid = this.#child.pid ?? -1;
    const sockets = this.#child.stdio as unknown as Duplex[];
    this.agent = sockets[VmFd.agent] as Duplex;
    this.agent.on('error', () => undefined);
    this.qmp = new QmpClient(sockets[VmFd.qmp] as Duplex);
    const console = sockets[VmFd.console] as Duplex;
    console.on('data', (bytes: Uint8Array) => this.console.push(bytes));
    console.on('error', () => undefined);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS);
    });
    this.ended = this.#watch();
  }

  /** What QEMU and the sandbox wrote on stderr, the last 16 Ki characters. */
  get stderr(): string {
    return this.#stderr.trim();
  }

  /** Host process id of QEMU itself; -1 when it does not run. */
  get qemuPid(): number {
    try {
      const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
      return Number(children.trim().split(' ')[0] || -1);
    } catch {
      return -1;
    }
  }

  /** Ends QEMU at once; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#wasKilled = true;
    // QEMU first, so that its parent in the sandbox reaps it: the host's process 1 may not reap orphans.
    if (!killProcess(this.qemuPid)) this.#child.kill('SIGKILL');
    // Unread bytes would hold the streams, and with them `ended`, open for good.
    this.agent.resume();
    await this.ended;
  }

  #watch(): Promise<string> {
    return new Promise(resolve => {
      this.#child.once('error', error => resolve(`QEMU cannot be started: ${error.message}`));
      this.#child.once('exit', () => {
        if (this.agent.listenerCount('data') === 0) this.agent.resume();
      });
      this.#child.once('close', (code, signal) => resolve(this.#reason(code, signal)));
    });
  }

  #reason(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#wasKilled) return 'the virtual machine was shut down';
    const panic = this.console.panic();
    if (panic !== null) return `the kernel of the virtual machine panicked: "${panic}"`;
    if (signal !== null) return `QEMU was killed by ${signal}`;
    // The sandbox's outer process passes a signal of its child on as 128 + number.
    if (code !== null && code > 128) return `QEMU was killed by signal ${code - 128}`;
    if (code === 0) return 'the virtual machine was powered off from inside';
    const lastLine = this.stderr.split('\n').at(-1) ?? '';
    return `QEMU ended with status ${code}${lastLine === '' ? '' : `: ${lastLine}`}`;
  }
}

function killProcess(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
