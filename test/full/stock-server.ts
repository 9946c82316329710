/** Another project's Jupyter server on a free port, with our kernel and labextension installed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { InstalledKernel } from '../integration/installed-kernel.js';

export const STOCK_TOKEN = 'stock';

export class StockServer {
  /** Ends without a slash. */
  readonly origin: string;
  readonly notebooks: string;
  readonly #process: ChildProcess;

  private constructor(port: number, notebooks: string, process: ChildProcess) {
    this.origin = `http://127.0.0.1:${port}`;
    this.notebooks = notebooks;
    this.#process = process;
  }

  /** Starts `jupyter <application>` of the environment `bin`. Rejects with what it printed when it ends before it serves. */
  static async start(
    kernel: InstalledKernel,
    { bin, application, options = [] }: { bin: string; application: 'lab' | 'notebook'; options?: string[] }
  ): Promise<StockServer> {
    const notebooks = join(kernel.folder, `notebooks-${application}`);
    await mkdir(notebooks, { recursive: true });
    const port = await freePort();
    const child = spawn(
      join(bin, `jupyter-${application}`),
      [
        ...['--no-browser', '--allow-root', `--ServerApp.port=${port}`, `--IdentityProvider.token=${STOCK_TOKEN}`],
        ...['--LabApp.expose_app_in_browser=True', '--JupyterNotebookApp.expose_app_in_browser=True'],
        ...[`--ServerApp.root_dir=${notebooks}`, ...options]
      ],
      { env: { ...kernel.env, PATH: `${bin}:${process.env['PATH']}` }, stdio: ['ignore', 'ignore', 'pipe'] }
    );
    const server = new StockServer(port, notebooks, child);
    await server.#serving();
    return server;
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.notebooks, name), text);
  }

  async close(): Promise<void> {
    const ended = this.#process.exitCode === null ? once(this.#process, 'exit') : null;
    this.#process.kill('SIGTERM');
    await ended;
  }

  #serving(): Promise<void> {
    const printed: string[] = [];
    return new Promise((done, failed) => {
      createInterface({ input: this.#process.stderr! }).on('line', line => {
        printed.push(line);
        if (line.includes(`${this.origin}/`)) done();
      });
      this.#process.on('exit', status => failed(new Error(`It ended with ${status}:\n${printed.join('\n')}`)));
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
