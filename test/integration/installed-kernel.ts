/** Our kernel and labextension, installed for other front ends into a folder of the test's own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { RunningGateway } from '../../kernel-gateway/src/adapters/runtime/running-gateway.js';

const run = promisify(execFile);
const program = resolve(import.meta.dirname, '../../kernel-gateway/lib/cli/bpflab.js');

export class InstalledKernel {
  readonly folder: string;
  /** For front ends: they find the kernel, and share nothing with this user's own Jupyter or gateway. */
  readonly env: NodeJS.ProcessEnv;

  private constructor(folder: string) {
    this.folder = folder;
    this.env = {
      ...process.env,
      HOME: folder,
      BPFLAB_CACHE:
        process.env['BPFLAB_CACHE'] ??
        join(process.env['XDG_CACHE_HOME'] || join(process.env['HOME'] ?? '', '.cache'), 'bpflab'),
      JUPYTER_DATA_DIR: join(folder, 'data'),
      JUPYTER_CONFIG_DIR: join(folder, 'config'),
      JUPYTER_RUNTIME_DIR: join(folder, 'jupyter-runtime'),
      BPFLAB_RUNTIME_DIR: join(folder, 'runtime')
    };
  }

  static async install(): Promise<InstalledKernel> {
    const installed = new InstalledKernel(await mkdtemp(join(tmpdir(), 'bpflab-front-end-')));
    await installed.kernelspec('install');
    return installed;
  }

  /** `bpflab kernelspec …`; gives what it prints. */
  async kernelspec(...words: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [program, 'kernelspec', ...words], { env: this.env });
    return stdout;
  }

  /** Gateways that run for these kernels. */
  async gateways(): Promise<RunningGateway[]> {
    const folder = join(this.folder, 'runtime');
    const names = (await readdir(folder).catch(() => [])).filter(
      name => name.startsWith('gateway-') && name.endsWith('.json')
    );
    return Promise.all(
      names.map(async name => JSON.parse(await readFile(join(folder, name), 'utf8')) as RunningGateway)
    );
  }

  /** Ends the gateways that were started, and removes the folder. */
  async close(): Promise<void> {
    for (const { url, token } of await this.gateways()) {
      await fetch(`${url}api/shutdown`, { method: 'POST', headers: { authorization: `token ${token}` } });
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
