/** The product as a user starts it, on a free port with a notebook folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const checkout = resolve(import.meta.dirname, '../..');

export class LabServer {
  /** Ends without a slash. */
  readonly origin: string;
  readonly token: string;
  readonly notebooks: string;
  readonly #folder: string;
  #process: ChildProcess;

  private constructor(url: URL, folder: string, process: ChildProcess) {
    this.origin = url.origin;
    this.token = url.searchParams.get('token') ?? '';
    this.#folder = folder;
    this.notebooks = join(folder, 'notebooks');
    this.#process = process;
  }

  /** Rejects with what the server printed when it ends before it serves. */
  static async start(): Promise<LabServer> {
    const folder = await mkdtemp(join(tmpdir(), 'bpflab-e2e-'));
    await mkdir(join(folder, 'notebooks'));
    const child = serve(folder, ['--port', '0']);
    return new LabServer(await addressOf(child), folder, child);
  }

  /** Is killed without a word. */
  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  /** After `kill`: a new one at the same address, with the same folders. */
  async startAgain(): Promise<void> {
    this.#process = serve(this.#folder, ['--port', new URL(this.origin).port, '--token', this.token]);
    await addressOf(this.#process);
  }

  /** What the server has written down of outputs. */
  async journal(): Promise<string> {
    const files = await readdir(this.#folder, { recursive: true, withFileTypes: true });
    const texts = files
      .filter(file => file.isFile() && basename(dirname(file.parentPath)) === 'outputs')
      .map(file => readFile(join(file.parentPath, file.name), 'utf8'));
    return (await Promise.all(texts)).join('\n');
  }

  async close(): Promise<void> {
    const ended = this.#process.exitCode === null ? once(this.#process, 'exit') : null;
    this.#process.kill('SIGTERM');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function serve(folder: string, options: string[]): ChildProcess {
  const program = join(checkout, 'kernel-gateway/lib/cli/bpflab.js');
  const command = [program, 'serve', ...options, '--notebook-dir', join(folder, 'notebooks')];
  // Settings and workspaces of the user who runs the tests are left alone.
  const env = { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') };
  return spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The tokened address that the server prints. */
function addressOf(child: ChildProcess): Promise<URL> {
  const printed: string[] = [];
  return new Promise((done, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', line => {
        printed.push(line);
        const address = /http:\/\/\S+\?token=\S+/.exec(line);
        if (address) done(new URL(address[0]));
      });
    }
    child.on('exit', status => failed(new Error(`The server ended with ${status}:\n${printed.join('\n')}`)));
  });
}
