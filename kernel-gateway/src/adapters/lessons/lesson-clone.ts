import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { LabError } from '../../protocol/index.js';

/** Files and folders of a clone that are walked at most. */
const MOST_ENTRIES = 100_000;
/** Largest text that is read. */
const MOST_TEXT_BYTES = 4 * 1024 * 1024;

/** A regular file of a clone; `bytes` is its size. */
export interface CloneFile {
  path: string;
  absolute: string;
  bytes: number;
}

/**
 * The files of a folder, links in it followed as long as they stay inside: what leads out is refused and named. Names that
 * begin with a dot are left out, but for a lesson's `.config`.
 */
export class LessonClone {
  readonly root: string;
  readonly files: ReadonlyMap<string, CloneFile>;
  /** Links that lead out of the clone, or nowhere. Paths below the root. */
  readonly refused: readonly string[];

  private constructor(root: string, files: ReadonlyMap<string, CloneFile>, refused: readonly string[]) {
    this.root = root;
    this.files = files;
    this.refused = refused;
  }

  /**
   * Walks a folder.
   *
   * @throws LabError BPFLAB_LESSONS_SOURCE when it is none, or has more than 100,000 entries
   */
  static async at(folder: string): Promise<LessonClone> {
    const stats = await stat(folder).catch(() => null);
    if (!stats?.isDirectory()) throw new LabError('BPFLAB_LESSONS_SOURCE', `There is no folder "${folder}".`);
    const root = await realpath(folder);
    const walk = { root, files: new Map<string, CloneFile>(), refused: [], left: MOST_ENTRIES };
    await walkFolder(walk, '');
    return new LessonClone(root, walk.files, walk.refused);
  }

  has(path: string): boolean {
    return this.files.has(path);
  }

  /** Text of a file; null when there is none, it is larger than 4 MiB, or it is not UTF-8 text. */
  async text(path: string): Promise<string | null> {
    const file = this.files.get(path);
    if (!file || file.bytes > MOST_TEXT_BYTES) return null;
    const bytes = await readFile(file.absolute);
    return bytes.includes(0) ? null : bytes.toString('utf8');
  }
}

interface Walk {
  root: string;
  files: Map<string, CloneFile>;
  refused: string[];
  left: number;
}

async function walkFolder(walk: Walk, folder: string): Promise<void> {
  const entries = await readdir(join(walk.root, folder), { withFileTypes: true });
  const below: string[] = [];
  for (const entry of entries) {
    if (--walk.left < 0) {
      throw new LabError('BPFLAB_LESSONS_SOURCE', `"${walk.root}" has more than ${MOST_ENTRIES} files.`);
    }
    if (entry.name.startsWith('.') && entry.name !== '.config') continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) below.push(path);
    else if (entry.isFile()) await addFile(walk, path, join(walk.root, path));
    else if (entry.isSymbolicLink()) await addLink(walk, path);
  }
  for (const path of below) await walkFolder(walk, path);
}

async function addFile(walk: Walk, path: string, absolute: string): Promise<void> {
  const { size } = await lstat(absolute);
  walk.files.set(path, { path, absolute, bytes: size });
}

/** A link to a file is that file when it stays inside. Linked folders are in the walk where they really are. */
async function addLink(walk: Walk, path: string): Promise<void> {
  const real = await realpath(join(walk.root, path)).catch(() => null);
  const isInside = real?.startsWith(walk.root + sep) ?? false;
  if (!real || !isInside) {
    walk.refused.push(path);
    return;
  }
  if ((await lstat(real)).isFile()) await addFile(walk, path, real);
}
