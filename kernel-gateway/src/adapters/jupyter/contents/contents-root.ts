/** Confines paths of the contents API to one folder. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { LabError } from '../../../protocol/index.js';

/** A path of the API and where it is. `absolute` has no symbolic link in it. */
export interface ContentsPath {
  /** Relative to the root, `/` between names, no leading or trailing one; the root is empty. */
  path: string;
  absolute: string;
  name: string;
}

/** The notebook folder. Hidden names (a leading dot) do not exist for clients. */
export class ContentsRoot {
  /** Real path of the folder. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * The root at an absolute folder.
   *
   * @throws LabError BPFLAB_CONTENTS_MISSING when there is no such folder
   */
  static async at(folder: string): Promise<ContentsRoot> {
    const stats = await stat(folder).catch(() => null);
    if (!stats?.isDirectory()) {
      const hint = 'Make the folder, or name another one with --notebook-dir.';
      throw new LabError('BPFLAB_CONTENTS_MISSING', `There is no notebook folder "${folder}".`, { hint });
    }
    return new ContentsRoot(await realpath(folder));
  }

  /**
   * Where an existing file or folder is, links followed.
   *
   * @throws LabError BPFLAB_CONTENTS_PATH when it lies outside, BPFLAB_CONTENTS_MISSING when there is none
   */
  async existing(apiPath: string): Promise<ContentsPath> {
    const path = checkPath(apiPath);
    const absolute = await this.#real(join(this.folder, path), path);
    return { path, absolute, name: basename(path) };
  }

  /**
   * Where a file may be created or replaced: an existing one with links followed, or a name in an existing folder.
   *
   * @throws LabError as `existing`
   */
  async writable(apiPath: string): Promise<ContentsPath> {
    const place = await this.entry(apiPath);
    const isThere = await lstat(place.absolute).then(() => true, isMissing);
    return isThere ? this.existing(apiPath) : place;
  }

  /** The directory entry itself, its last link not followed: what rename and delete work on. It need not exist. */
  async entry(apiPath: string): Promise<ContentsPath> {
    const path = checkPath(apiPath);
    if (path === '') throw new LabError('BPFLAB_CONTENTS_PATH', 'The notebook folder itself cannot be changed.');
    const name = basename(path);
    const parent = await this.#real(join(this.folder, dirname(path)), dirname(path));
    if (!(await stat(parent)).isDirectory()) {
      throw new LabError('BPFLAB_CONTENTS_MISSING', `There is no "${path}" — "${dirname(path)}" is a file.`);
    }
    return { path, absolute: join(parent, name), name };
  }

  /** Whether a link in the folder leads out of it, or nowhere. */
  async isInside(absolute: string): Promise<boolean> {
    const real = await realpath(absolute).catch(() => null);
    return real !== null && this.#contains(real);
  }

  async #real(absolute: string, path: string): Promise<string> {
    let real: string;
    try {
      real = await realpath(absolute);
    } catch (cause) {
      throw new LabError('BPFLAB_CONTENTS_MISSING', `There is no "${path}" in the notebook folder.`, { cause });
    }
    if (!this.#contains(real)) {
      throw new LabError('BPFLAB_CONTENTS_PATH', `"${path}" was refused — it is a link out of the notebook folder.`);
    }
    return real;
  }

  #contains(real: string): boolean {
    return real === this.folder || real.startsWith(this.folder.endsWith(sep) ? this.folder : this.folder + sep);
  }
}

const isMissing = (error: unknown): boolean => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
  throw error;
};

/** The path without slashes at its ends; names that lead up, are hidden or that no file system has are refused. */
function checkPath(apiPath: string): string {
  const names = apiPath.split('/').filter(name => name !== '');
  for (const name of names) {
    if (name === '.' || name === '..' || name.includes('\0') || name.includes('\\')) {
      throw new LabError(
        'BPFLAB_CONTENTS_PATH',
        `"${apiPath}" was refused — "${name.replace('\0', '\\0')}" is no name of a file.`
      );
    }
    if (name.startsWith('.')) {
      throw new LabError(
        'BPFLAB_CONTENTS_MISSING',
        `There is no "${apiPath}" in the notebook folder — hidden files are not shown.`
      );
    }
  }
  return names.join('/');
}
