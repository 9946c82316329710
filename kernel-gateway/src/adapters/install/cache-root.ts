import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Absolute path of the folder that set-up fills and the gateway reads: `$BPFLAB_CACHE`, else `$XDG_CACHE_HOME/bpflab`,
 * else `~/.cache/bpflab`. The same rule stands in bpf/image/cache.mjs, which runs before anything is built.
 */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  if (env['BPFLAB_CACHE']) return resolve(env['BPFLAB_CACHE']);
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bpflab');
}
