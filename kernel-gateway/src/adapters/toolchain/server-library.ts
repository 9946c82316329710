import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../../protocol/index.js';
import { runSandboxed } from './run-sandboxed.js';
import type { SandboxImages } from './sandbox.js';

const SOURCE = fileURLToPath(new URL('../../../../bpf/sandbox/clang-server.c', import.meta.url));

/**
 * Folder with clang-server.so, compiled by the lab image's gcc when it is not in the cache yet (0.2 s, once per image).
 *
 * @throws LabError BPFLAB_CC_SANDBOX
 */
export async function serverLibrary(images: SandboxImages & { labId: string }, cacheDir: string): Promise<string> {
  const source = await readFile(SOURCE);
  const key = createHash('sha256').update(images.labId).update(source).digest('hex').slice(0, 16);
  const folder = join(cacheDir, 'builds', `clang-server-${key}`);
  if (existsSync(join(folder, 'clang-server.so'))) return folder;
  await mkdir(join(cacheDir, 'builds'), { recursive: true });
  const work = await mkdtemp(join(cacheDir, 'builds', 'clang-server-new-'));
  try {
    await copyFile(SOURCE, join(work, 'clang-server.c'));
    const result = await runSandboxed(images, {
      mounts: [{ from: work, to: '/build', writable: true }],
      argv: [
        'gcc',
        '-O2',
        '-Wall',
        '-Wextra',
        '-shared',
        '-fPIC',
        '-o',
        '/build/clang-server.so',
        '/build/clang-server.c'
      ]
    });
    if (result.status !== 0)
      throw new LabError('BPFLAB_CC_SANDBOX', 'The compile server cannot be built with the lab image.', {
        details: result.errors
      });
    await rename(work, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(join(folder, 'clang-server.so'))) throw error;
    });
    return folder;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
