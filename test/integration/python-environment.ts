/** A Python virtual environment with Jupyter programs that nobody here wrote; made once and kept in the cache. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot } from '../../kernel-gateway/src/adapters/install/cache-root.js';

const run = promisify(execFile);

/** The newest stock front ends, with what executes and checks kernels without a browser. */
export const STOCK = [
  'jupyterlab==4.6.6',
  'notebook==7.6.5',
  'jupyter_kernel_test==0.7.0',
  'nbclient==0.11.0',
  'nbconvert==7.17.2'
];

/**
 * Folder of the programs of an environment with these packages. Its scripts name its path, so it is made where it stays;
 * a mark says that it is complete.
 */
export async function pythonEnvironment(packages: string[]): Promise<string> {
  const { stdout: version } = await run('python3', ['--version']);
  const key = createHash('sha256')
    .update([version, ...packages].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cacheRoot(), 'python', key);
  if (!existsSync(join(folder, 'complete'))) {
    await mkdir(join(folder, '..'), { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    // What an earlier attempt has fetched is in pip's own cache.
    const options = ['install', '--quiet', '--retries', '8'];
    await run(join(folder, 'bin/pip'), [...options, ...packages], { maxBuffer: 64 * 1024 * 1024 });
    await writeFile(join(folder, 'complete'), packages.join('\n'));
  }
  return join(folder, 'bin');
}
