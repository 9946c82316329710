/** Changes below the notebook folder. Every write is atomic: a full disk or a kill keeps the old file. */
import { copyFile, cp, lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { LabError } from '../../../protocol/index.js';
import { asDiskFull, writeFileAtomic } from '../state/atomic-file.js';
import { readModel, type ContentsModel, type ContentsWish } from './contents-model.js';
import type { ContentsPath, ContentsRoot } from './contents-root.js';
import { emptyNotebook, formatNotebook } from './notebook-file.js';

/** Body of a save. `chunk` counts up from 1 for parts of a large upload, -1 marks the last. */
export interface SaveRequest {
  type: 'notebook' | 'file' | 'directory';
  format: 'json' | 'text' | 'base64' | null;
  content: unknown;
  chunk: number | undefined;
}

const META: ContentsWish = { content: false, hash: true, type: undefined, format: undefined };
const CHECKPOINT_ID = 'checkpoint';

/** Reads and writes notebooks, files, folders and checkpoints. */
export class ContentsStore {
  readonly #root: ContentsRoot;

  constructor(root: ContentsRoot) {
    this.#root = root;
  }

  get root(): ContentsRoot {
    return this.#root;
  }

  async read(path: string, wish: ContentsWish): Promise<ContentsModel> {
    return readModel(this.#root, await this.#root.existing(path), wish);
  }

  /** Whether there is a file or folder of that path inside the root. */
  async exists(path: string): Promise<boolean> {
    const { absolute } = await this.#root.entry(path);
    return isThere(absolute);
  }

  /** Creates or replaces; the answer has no content. */
  async save(path: string, request: SaveRequest): Promise<ContentsModel> {
    const place = await this.#root.writable(path);
    if (request.type === 'directory') await this.#makeFolder(place);
    else if (request.chunk !== undefined) await this.#saveChunk(place, request.chunk, toBytes(request, path));
    else await replaceFile(place.absolute, toBytes(request, path));
    return this.#describe(request.chunk === undefined || request.chunk === -1 ? place : null, path);
  }

  /** A new file, folder or notebook with a free name in `folder`. */
  async create(folder: string, type: SaveRequest['type'], extension: string): Promise<ContentsModel> {
    const stem = type === 'directory' ? 'Untitled Folder' : type === 'notebook' ? 'Untitled' : 'untitled';
    const ending = type === 'notebook' ? '.ipynb' : type === 'directory' ? '' : extension;
    const path = await this.freeName(
      folder,
      n => `${stem}${n === 0 ? '' : type === 'directory' ? ` ${n}` : n}${ending}`
    );
    const content = type === 'notebook' ? emptyNotebook() : '';
    return this.save(path, { type, format: type === 'notebook' ? 'json' : 'text', content, chunk: undefined });
  }

  /** Copies a file or folder into `folder`, with a free name made of its own. */
  async copy(from: string, folder: string): Promise<ContentsModel> {
    const source = await this.#root.existing(from);
    const ending = extname(source.name);
    const stem = source.name.slice(0, source.name.length - ending.length).replace(/-Copy\d*$/, '');
    const own = folder === dirname(source.path) || (folder === '' && !source.path.includes('/'));
    const path = await this.freeName(folder, n =>
      n === 0 && !own ? source.name : `${stem}-Copy${Math.max(n, 1)}${ending}`
    );
    const target = await this.#root.writable(path);
    try {
      const isFolder = (await stat(source.absolute)).isDirectory();
      if (isFolder)
        await cp(source.absolute, target.absolute, { recursive: true, verbatimSymlinks: true, errorOnExist: true });
      else await copyFile(source.absolute, target.absolute);
    } catch (error) {
      await rm(target.absolute, { recursive: true, force: true });
      throw asDiskFull(error, path);
    }
    return this.#describe(target, path);
  }

  /** Renames or moves; refuses to replace. The checkpoint goes with it. */
  async move(from: string, to: string): Promise<ContentsModel> {
    const source = await this.#root.entry(from);
    const target = await this.#root.entry(to);
    await mustExist(source);
    if (source.absolute !== target.absolute && (await isThere(target.absolute))) {
      throw new LabError('BPFLAB_CONTENTS_EXISTS', `"${from}" was not renamed — "${to}" exists.`);
    }
    await rename(source.absolute, target.absolute);
    await this.#moveCheckpoint(source, target);
    return this.read(to, META);
  }

  async remove(path: string): Promise<void> {
    const place = await this.#root.entry(path);
    await mustExist(place);
    await rm(place.absolute, { recursive: true });
    await rm(checkpointPath(place), { force: true });
  }

  /** Keeps a copy of the file as it is now; there is one checkpoint per file. */
  async checkpoint(path: string): Promise<Checkpoint> {
    const place = await this.#root.existing(path);
    const target = checkpointPath(place);
    await mkdir(dirname(target), { recursive: true });
    await copyWhole(place.absolute, target);
    return (await this.checkpoints(path))[0]!;
  }

  async checkpoints(path: string): Promise<Checkpoint[]> {
    const target = checkpointPath(await this.#root.existing(path));
    const stats = await stat(target).catch(() => null);
    return stats ? [{ id: CHECKPOINT_ID, last_modified: stats.mtime.toISOString() }] : [];
  }

  async restore(path: string, id: string): Promise<void> {
    const place = await this.#root.existing(path);
    await this.#checkpointFile(place, id);
    await copyWhole(checkpointPath(place), place.absolute);
  }

  async removeCheckpoint(path: string, id: string): Promise<void> {
    await rm(await this.#checkpointFile(await this.#root.existing(path), id));
  }

  async #checkpointFile(place: ContentsPath, id: string): Promise<string> {
    const file = checkpointPath(place);
    if (id !== CHECKPOINT_ID || !(await isThere(file))) {
      throw new LabError('BPFLAB_CONTENTS_MISSING', `"${place.path}" has no checkpoint "${id}".`);
    }
    return file;
  }

  async #moveCheckpoint(source: ContentsPath, target: ContentsPath): Promise<void> {
    if (!(await isThere(checkpointPath(source)))) return;
    await mkdir(dirname(checkpointPath(target)), { recursive: true });
    await rename(checkpointPath(source), checkpointPath(target));
  }

  async #makeFolder(place: ContentsPath): Promise<void> {
    try {
      await mkdir(place.absolute);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw asDiskFull(error, place.path);
      if (!(await stat(place.absolute)).isDirectory()) {
        throw new LabError('BPFLAB_CONTENTS_EXISTS', `The folder "${place.path}" was not made — a file has that name.`);
      }
    }
  }

  /** Parts are collected in a hidden file, so that a broken upload changes nothing. */
  async #saveChunk(place: ContentsPath, chunk: number, bytes: Uint8Array): Promise<void> {
    const part = join(dirname(place.absolute), `.${place.name}.bpflab-upload`);
    try {
      const file = await open(part, chunk === 1 ? 'w' : 'a');
      try {
        await file.writeFile(bytes);
        if (chunk === -1) await file.sync();
      } finally {
        await file.close();
      }
      if (chunk === -1) await rename(part, place.absolute);
    } catch (error) {
      await rm(part, { force: true });
      throw asDiskFull(error, place.path);
    }
  }

  /** Model after a change; of a part of an upload, which is no file yet, just the name. */
  async #describe(place: ContentsPath | null, path: string): Promise<ContentsModel> {
    if (place) return this.read(path, META);
    const now = new Date().toISOString();
    const name = path.split('/').at(-1)!;
    const dates = { created: now, last_modified: now };
    return {
      name,
      path,
      type: 'file',
      writable: true,
      ...dates,
      size: null,
      mimetype: null,
      format: null,
      content: null
    };
  }

  /** The first of `nameOf(0)`, `nameOf(1)` … that nothing in `folder` has, below the root. */
  async freeName(folder: string, nameOf: (n: number) => string): Promise<string> {
    const prefix = folder.replace(/^\/+|\/+$/g, '');
    for (let n = 0; ; n++) {
      const path = prefix === '' ? nameOf(n) : `${prefix}/${nameOf(n)}`;
      const { absolute } = await this.#root.entry(path);
      if (!(await isThere(absolute))) return path;
    }
  }
}

/** Jupyter's checkpoint model. */
export interface Checkpoint {
  id: string;
  last_modified: string;
}

/** Beside the file, where Jupyter keeps it too. */
/** File that keeps a file's checkpoint. */
export function checkpointPath({ absolute, name }: ContentsPath): string {
  const ending = extname(name);
  const stem = name.slice(0, name.length - ending.length);
  return join(dirname(absolute), '.ipynb_checkpoints', `${stem}-checkpoint${ending}`);
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false
  );

async function mustExist(place: ContentsPath): Promise<void> {
  if (!(await isThere(place.absolute))) {
    throw new LabError('BPFLAB_CONTENTS_MISSING', `There is no "${place.path}" in the notebook folder.`);
  }
}

function toBytes({ type, format, content }: SaveRequest, path: string): Uint8Array {
  if (type === 'notebook') return Buffer.from(formatNotebook(content, path));
  if (typeof content !== 'string') {
    throw new LabError('BPFLAB_REQUEST_INVALID', `"${path}" was not saved — its content is no text.`);
  }
  return Buffer.from(content, format === 'base64' ? 'base64' : 'utf8');
}

/** Several pages may do it at once: each has a copy of its own until it is whole. */
async function copyWhole(from: string, to: string): Promise<void> {
  await writeFileAtomic(to, await readFile(from), (await stat(from)).mode & 0o777);
}

/** Keeps the permissions of the file that it replaces. */
async function replaceFile(absolute: string, bytes: Uint8Array): Promise<void> {
  const old = await stat(absolute).catch(() => null);
  if (old && !old.isFile()) throw new LabError('BPFLAB_CONTENTS_EXISTS', `"${absolute}" is no regular file.`);
  await writeFileAtomic(absolute, bytes, old ? old.mode & 0o777 : 0o644);
}
