/**
 * One sandbox with a clang that is already loaded (bpf/sandbox/clang-server.c), for one session's folder. Requests are
 * served one after the other; an abort or a limit kills the sandbox with all that is in it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { CancelSignal } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { sandboxError } from './run-sandboxed.js';
import { sandboxArgv, type SandboxImages, type SandboxMount } from './sandbox.js';

/** How a command of the server ended. `status` is null when `signal` ended it. */
export interface ServerReply {
  status: number | null;
  signal: number;
  cpuMs: number;
  peakBytes: number;
  /** stdout and stderr as they came, cut at 1 MiB. */
  output: string;
}

/** Longest wall-clock time of one command: 20 s of CPU time are its limit, on a machine that may be busy. */
const COMMAND_TIMEOUT_MS = 60_000;
const MAX_ARGV_BYTES = 256 * 1024;

type Waiter = (reply: Buffer | null) => void;

/** Path, inside, of the shared object that makes clang a server. */
const SERVER_LIBRARY = '/server/clang-server.so';

/** See the file's head. Whoever starts one closes it. */
export class CompileServer {
  readonly #child: ChildProcess & { stdin: Writable; stdout: Readable };
  readonly #ready: Promise<void>;
  #queue: Promise<unknown> = Promise.resolve();
  #waiter: Waiter | null = null;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #errors = '';
  #ended = false;

  /** Spawns at once and is ready when `run` is. `mounts` must hold `SERVER_LIBRARY`. */
  constructor(images: SandboxImages, mounts: SandboxMount[]) {
    const { file, args } = sandboxArgv(images, {
      mounts,
      env: { LD_PRELOAD: SERVER_LIBRARY },
      argv: ['/usr/bin/clang']
    });
    const child = spawn(file, args, { env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => (this.#errors = (this.#errors + chunk.toString()).slice(0, 16_384)));
    child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    child.on('error', error => this.#end(error.message));
    child.on('close', () => this.#end(this.#errors));
    this.#ready = this.#nextFrame().then(frame => {
      if (!frame) throw sandboxError(this.#errors);
    });
    this.#ready.catch(() => undefined);
  }

  /** False when the sandbox is gone, or will be for the next command. */
  get alive(): boolean {
    return !this.#ended;
  }

  /**
   * Runs a command inside. `argv[0]` "clang" starts in no time; others are looked up in the sandbox's PATH.
   *
   * @throws LabError BPFLAB_CELL_INTERRUPTED when the signal aborts, BPFLAB_CC_LIMIT at the wall-clock limit,
   *   BPFLAB_CC_SANDBOX when the sandbox ends or does not start; the server is of no use after any of them
   */
  run(directory: string, argv: readonly string[], signal: CancelSignal): Promise<ServerReply> {
    const result = this.#queue.then(() => this.#run(directory, argv, signal));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #run(directory: string, argv: readonly string[], signal: CancelSignal): Promise<ServerReply> {
    await this.#ready;
    const body = Buffer.from([directory, ...argv].map(word => `${word}\0`).join(''));
    if (body.length > MAX_ARGV_BYTES)
      throw new LabError('BPFLAB_CC_LIMIT', 'The command line of the compiler is too long.');
    const header = Buffer.alloc(4);
    header.writeUInt32LE(body.length);
    const stopped = this.#watch(signal);
    try {
      if (this.#ended || signal.aborted) throw stopped.error() ?? sandboxError(this.#errors);
      this.#child.stdin.write(Buffer.concat([header, body]));
      const frame = await this.#nextFrame();
      if (!frame) throw stopped.error() ?? sandboxError(this.#errors || 'it ended during a command');
      return readReply(frame);
    } finally {
      stopped.release();
    }
  }

  /** Kills the sandbox on abort and at the time limit. */
  #watch(signal: CancelSignal): { error: () => LabError | null; release: () => void } {
    let error: LabError | null = null;
    const stop = (reason: LabError): void => {
      error ??= reason;
      this.close();
    };
    const onAbort = (): void => stop(new LabError('BPFLAB_CELL_INTERRUPTED', 'The compile was interrupted.'));
    const timer = setTimeout(
      () => stop(new LabError('BPFLAB_CC_LIMIT', `The compiler was stopped after ${COMMAND_TIMEOUT_MS / 1000} s.`)),
      COMMAND_TIMEOUT_MS
    );
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return {
      error: () => error,
      release: () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    };
  }

  #nextFrame(): Promise<Buffer | null> {
    if (this.#ended) return Promise.resolve(null);
    return new Promise(resolve => {
      this.#waiter = resolve;
      this.#deliver();
    });
  }

  #receive(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    this.#deliver();
  }

  #deliver(): void {
    if (!this.#waiter || this.#receivedBytes < 4) return;
    const bytes = this.#received.length === 1 ? (this.#received[0] as Buffer) : Buffer.concat(this.#received);
    const end = 4 + bytes.readUInt32LE(0);
    if (bytes.length < end) {
      this.#received = [bytes];
      return;
    }
    this.#received = bytes.length > end ? [bytes.subarray(end)] : [];
    this.#receivedBytes = bytes.length - end;
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter(bytes.subarray(4, end));
  }

  #end(errors: string): void {
    this.#ended = true;
    this.#errors ||= errors;
    this.#waiter?.(null);
    this.#waiter = null;
  }

  /** Kills the sandbox; commands that run in it are rejected. */
  close(): void {
    this.#ended = true;
    this.#child.kill('SIGKILL');
  }
}

function readReply(frame: Buffer): ServerReply {
  const wait = frame.readUInt32LE(0);
  const signal = wait & 0x7f;
  return {
    status: signal === 0 ? (wait >> 8) & 0xff : null,
    signal,
    cpuMs: frame.readUInt32LE(4),
    peakBytes: frame.readUInt32LE(8) * 1024,
    output: frame.toString('utf8', 12)
  };
}
