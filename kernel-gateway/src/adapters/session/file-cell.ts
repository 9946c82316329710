import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { CellOutcome, CellSpec } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { say, type CellContext } from './cell-context.js';

/** `%%file`: the body becomes a file of the session, for the compiler and for every target of the session. */
export async function runFileCell(
  context: CellContext,
  spec: Extract<CellSpec, { kind: 'file' }>
): Promise<CellOutcome> {
  const bytes = new TextEncoder().encode(spec.body.endsWith('\n') || spec.body === '' ? spec.body : `${spec.body}\n`);
  await writeSessionFile(context.core.options.folder, spec.path, bytes);
  const mode = spec.body.startsWith('#!') ? 0o755 : 0o644;
  await context.core.targets.addFile(spec.path, { bytes, mode });
  say(context, `Wrote ${spec.path} (${bytes.length} bytes).`);
  return { kind: 'ok' };
}

/**
 * Writes a file below the session's folder, making the folders on its way.
 *
 * @throws LabError BPFLAB_FILE_PATH when a link leads out of the folder, BPFLAB_DISK_FULL
 */
export async function writeSessionFile(folder: string, path: string, bytes: Uint8Array | string): Promise<void> {
  const target = join(folder, path);
  try {
    await mkdir(dirname(target), { recursive: true });
    const root = await realpath(folder);
    const parent = await realpath(dirname(target));
    const existing = await realpath(target).catch(() => null);
    if (![parent, existing ?? parent].every(place => place === root || place.startsWith(root + sep))) {
      throw new LabError('BPFLAB_FILE_PATH', `Cannot write "${path}" — a link leads out of the folder of the session.`);
    }
    await writeFile(target, bytes);
  } catch (error) {
    throw asFileError(error, path);
  }
}

function asFileError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LabError('BPFLAB_DISK_FULL', `Cannot write "${path}" — the disk of the session's folder is full.`);
  }
  if (code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST' || code === 'EACCES') {
    return new LabError('BPFLAB_FILE_PATH', `Cannot write "${path}" — ${code}.`, { cause: error });
  }
  return error;
}
