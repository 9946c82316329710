import { spawn } from 'node:child_process';
import type { CancelSignal } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { sandboxArgv, type SandboxCommand, type SandboxImages } from './sandbox.js';

/** How a sandboxed command ended; `output` is stdout, `errors` stderr. */
export interface SandboxResult {
  status: number | null;
  output: Buffer;
  errors: string;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/**
 * Runs one command in a sandbox of its own and waits for its end, at most `timeoutMs` (a minute); it is killed then and when
 * `signal` aborts, and has no status. For set-up work (headers, the compile
 * server itself); compiles go through the compile server.
 *
 * @throws LabError BPFLAB_CC_SANDBOX when the sandbox cannot be made
 */
export function runSandboxed(
  images: SandboxImages,
  command: SandboxCommand,
  { timeoutMs = TIMEOUT_MS, signal }: { timeoutMs?: number; signal?: CancelSignal } = {}
): Promise<SandboxResult> {
  return new Promise((resolve, reject) => {
    const { file, args } = sandboxArgv(images, command);
    const child = spawn(file, args, {
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL'
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
      else child.kill('SIGKILL');
    });
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(0, 65_536)));
    const onAbort = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    child.on('error', error => reject(sandboxError(error.message)));
    child.on('close', status => {
      signal?.removeEventListener('abort', onAbort);
      if (errors.startsWith('bwrap: ')) reject(sandboxError(errors));
      else resolve({ status, output: Buffer.concat(chunks), errors });
    });
  });
}

/** The sandbox cannot be made; `details` are bubblewrap's own words. */
export function sandboxError(details: string): LabError {
  const cause =
    details
      .trim()
      .split('\n')[0]
      ?.replace(/^bwrap: /, '') || 'it ended at once';
  return new LabError('BPFLAB_CC_SANDBOX', `The compile sandbox does not start — ${cause}.`, { details });
}
