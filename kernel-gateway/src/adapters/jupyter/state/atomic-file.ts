import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { LabError } from '../../../protocol/index.js';

/**
 * Replaces a file as a whole: the new content is complete on disk before the old one goes.
 * `mode` is the permission bits of the new file.
 *
 * @throws LabError BPFLAB_DISK_FULL; the old file is untouched then, and nothing is left beside it
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${dirname(path)}/.${randomBytes(6).toString('hex')}.bpflab-tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw asDiskFull(error, path);
  }
}

/** A "no space" failure as LabError; others as they are. */
export function asDiskFull(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const message = `"${path}" was not saved — the disk has no space left (${code}); the old content is kept.`;
  return new LabError('BPFLAB_DISK_FULL', message, { cause: error });
}

/** Text of a file; null when it does not exist. */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Creates the folder when needed, then replaces the file. */
export async function writeStateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomic(path, text, 0o600);
}
