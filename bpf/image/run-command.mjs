import { spawn } from 'node:child_process';
import { StepError } from './step-error.mjs';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] - added to this process's environment
 * @property {string | Uint8Array} [input] - written to stdin, which is closed after it
 * @property {import('./step-error.mjs').StepError['code']} [code] - code of the error; BPFLAB_IMAGE_BUILD when not given
 * @property {string} [what] - how the error names the command; its first two words when not given
 * @property {(line: string) => void} [onLine] - called with each line of stderr as it comes
 */

/**
 * Runs a program to its end and gives its stdout. The program dies with this process, also when that is killed with
 * SIGKILL (PR_SET_PDEATHSIG through setpriv, which is part of util-linux on every Debian and Ubuntu).
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {RunOptions} [options]
 * @returns {Promise<Buffer>}
 * @throws {StepError} with the last lines of stderr as details; BPFLAB_DISK_FULL when these name ENOSPC
 */
export function runCommand(command, parameters, options = {}) {
  const what = options.what ?? [command, ...parameters].slice(0, 2).join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...parameters], {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe']
    });
    /** @type {Buffer[]} */
    const output = [];
    const errors = new LineTail(options.onLine);
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => output.push(chunk));
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => errors.push(chunk.toString()));
    // A program that ends before it has read all input is judged by its exit status.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.on('error', cause => {
      reject(
        new StepError(options.code ?? 'BPFLAB_IMAGE_BUILD', `Cannot start ${what} — ${cause.message}.`, { cause })
      );
    });
    child.on('close', (status, signal) => {
      if (status === 0) resolve(Buffer.concat(output));
      else {
        // Compilers such as tsc write their errors to stdout.
        const said = errors.text().trim() || Buffer.concat(output).toString('utf8').slice(-20_000);
        reject(failure(what, signal ?? `exit status ${status}`, said, options.code));
      }
    });
  });
}

/**
 * @param {string} what
 * @param {string} end
 * @param {string} details
 * @param {StepError['code']} [code]
 */
function failure(what, end, details, code = 'BPFLAB_IMAGE_BUILD') {
  const full = /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/.exec(details);
  if (full) return new StepError('BPFLAB_DISK_FULL', `${what} stopped — ${full[0]}.`, { details });
  const lines = details.trim().split('\n');
  const cause = lines.find(line => /^(E:|.*\berror\b)/i.test(line)) ?? lines.at(-1) ?? '';
  return new StepError(
    code,
    `${what} failed (${end}) — ${cause.trim().replace(/^E: |\.+$/g, '') || 'it said nothing'}.`,
    {
      details
    }
  );
}

/** The last 400 lines of a text that comes in pieces. */
class LineTail {
  /** @type {string[]} */
  #lines = [];
  #rest = '';
  /** @param {((line: string) => void) | undefined} onLine */
  constructor(onLine) {
    this.onLine = onLine;
  }
  /** @param {string} text */
  push(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.onLine?.(line);
    this.#lines = [...this.#lines, ...lines].slice(-400);
  }
  text() {
    return [...this.#lines, this.#rest].join('\n');
  }
}
