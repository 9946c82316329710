import { randomBytes } from 'node:crypto';
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sessionPath } from '../../core/cells/session-path.js';
import { LabError } from '../../protocol/index.js';
import { ContentsRoot } from '../jupyter/contents/contents-root.js';

/** Where a session's notebook is: nothing is written for the user outside of `root`. */
export interface NotebookPlace {
  /** Absolute path of the notebook folder. */
  root: string;
  /** Of the notebook, below `root`; empty when there is none: files then go into `root` itself. */
  path: string;
}

/** How a file of the user was left by a session: `inode:time of change`, by absolute path. */
export type WrittenFiles = Map<string, string>;

/** A file to write beside the notebook. */
export interface UserFileRequest {
  place: NotebookPlace;
  /** As the cell gives it, relative to the notebook's folder. */
  path: string;
  /** Replace a file that is not the session's own. */
  force: boolean;
  /** Files that the session wrote; it may replace those that nobody has changed since. */
  written: WrittenFiles;
}

/**
 * Writes a file of the user, whole or not at all. Somebody else's file is never replaced unasked.
 *
 * @returns whether a file was replaced
 * @throws LabError BPFLAB_FILE_PATH, BPFLAB_CONTENTS_PATH, BPFLAB_CONTENTS_MISSING, BPFLAB_CONTENTS_EXISTS, BPFLAB_DISK_FULL
 */
export async function writeUserFile(
  request: UserFileRequest,
  write: (file: FileHandle) => Promise<void>
): Promise<boolean> {
  const { place, path, written } = request;
  const root = await ContentsRoot.at(place.root);
  const below = join(dirname(place.path), sessionPath(path));
  const { absolute } = await root.writable(below).catch((error: unknown) => {
    throw withHint(error, path);
  });
  const temporary = join(dirname(absolute), `.${randomBytes(6).toString('hex')}.bpflab-tmp`);
  const before = await markOf(absolute);
  if (before !== null && before !== written.get(absolute) && !request.force) throw alreadyThere(path);
  try {
    const file = await open(temporary, 'wx');
    try {
      await write(file);
    } finally {
      await file.close();
    }
    // Whoever made the file meanwhile keeps it: the name is taken before the content comes.
    if (before === null) await (await open(absolute, 'wx')).close();
    await rename(temporary, absolute);
  } catch (error) {
    await rm(temporary, { force: true });
    throw asUserFileError(error, path);
  }
  const after = await markOf(absolute);
  if (after !== null) written.set(absolute, after);
  return before !== null;
}

async function markOf(file: string): Promise<string | null> {
  const status = await lstat(file, { bigint: true }).catch(() => null);
  return status === null ? null : `${status.ino}:${status.mtimeNs}`;
}

function alreadyThere(path: string): LabError {
  return new LabError(
    'BPFLAB_CONTENTS_EXISTS',
    `"${path}" was not saved — there is a file of that name beside the notebook.`,
    {
      hint: 'Choose another name, or add --force to replace the file.'
    }
  );
}

function withHint(error: unknown, path: string): unknown {
  const isMissing = error instanceof LabError && error.code === 'BPFLAB_CONTENTS_MISSING' && path.includes('/');
  return isMissing
    ? new LabError(error.code, `"${path}" was not saved — there is no folder "${dirname(path)}" beside the notebook.`, {
        hint: 'Make the folder in the file browser first.',
        cause: error
      })
    : error;
}

function asUserFileError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return alreadyThere(path);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LabError(
      'BPFLAB_DISK_FULL',
      `"${path}" was not saved — the disk of the notebook folder is full (${code}).`,
      {
        cause: error
      }
    );
  }
  if (code === undefined || error instanceof LabError) return error;
  return new LabError('BPFLAB_FILE_PATH', `"${path}" was not saved — ${code}.`, {
    hint: 'Choose a path where you may write, beside the notebook or below its folder.',
    cause: error
  });
}
