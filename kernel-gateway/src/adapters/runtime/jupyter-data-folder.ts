import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Folder that Jupyter front ends search for kernels and labextensions.
 *
 * @param prefix - a Python environment or a system; null: this user's, which `$JUPYTER_DATA_DIR` may name
 * @see https://jupyter-core.readthedocs.io/en/stable/api/jupyter_core.html#jupyter_core.paths.jupyter_data_dir
 */
export function jupyterDataFolder(prefix: string | null, env: NodeJS.ProcessEnv = process.env): string {
  if (prefix !== null) return join(resolve(prefix), 'share/jupyter');
  if (env['JUPYTER_DATA_DIR']) return resolve(env['JUPYTER_DATA_DIR']);
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'jupyter');
}
