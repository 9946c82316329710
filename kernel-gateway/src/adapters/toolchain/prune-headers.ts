import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What may stay: bytes in all, and how long nobody may have used what is removed. */
export interface HeaderLimits {
  bytes: number;
  /** Younger headers stay whatever their size: a compile of another gateway may be reading them. */
  restMs: number;
}

const DEFAULT_LIMITS: HeaderLimits = { bytes: 1024 * 1024 * 1024, restMs: 3600 * 1000 };
/** Its time is that of the last use. Not the header's own: clang refuses what was precompiled of a file that has changed since. */
const MARK = 'used';

/** Notes in the folder of a header that it is used now. A cache that cannot be written need not know. */
export async function markUsed(folder: string): Promise<void> {
  await writeFile(join(folder, MARK), '').catch(() => undefined);
}

/**
 * Removes the folders of `headers/` that were not used for longest, with what was precompiled there, until the rest is
 * within the limits. What cannot be removed stays.
 */
export async function pruneHeaders(headers: string, limits: HeaderLimits = DEFAULT_LIMITS): Promise<void> {
  const names = await readdir(headers).catch((): string[] => []);
  const folders = await Promise.all(names.map(name => describeFolder(join(headers, name))));
  let total = folders.reduce((sum, folder) => sum + folder.bytes, 0);
  const oldest = Date.now() - limits.restMs;
  for (const folder of folders.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= limits.bytes || folder.usedMs > oldest) break;
    await rm(folder.path, { recursive: true, force: true }).catch(() => undefined);
    total -= folder.bytes;
  }
}

async function describeFolder(path: string): Promise<{ path: string; bytes: number; usedMs: number }> {
  const names = await readdir(path).catch((): string[] => []);
  const found = await Promise.all(names.map(name => stat(join(path, name)).catch(() => null)));
  const files = found.filter(file => file !== null);
  return {
    path,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    usedMs: Math.max(0, ...files.map(file => file.mtimeMs))
  };
}
