import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { access, constants, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../../protocol/index.js';
import type { ContentsPath, ContentsRoot } from './contents-root.js';
import { mediaType } from './media-type.js';
import { hashOfSources, parseNotebook } from './notebook-file.js';

/** Jupyter's contents model. `hash` is hex SHA-256 of the file's bytes, of a notebook without its outputs. */
export interface ContentsModel {
  name: string;
  path: string;
  type: 'notebook' | 'file' | 'directory';
  writable: boolean;
  created: string;
  last_modified: string;
  size: number | null;
  mimetype: string | null;
  format: 'json' | 'text' | 'base64' | null;
  content: unknown;
  hash?: string;
  hash_algorithm?: 'sha256';
}

/** What a client wants of a file. */
export interface ContentsWish {
  content: boolean;
  hash: boolean;
  type: string | undefined;
  format: string | undefined;
}

/** Largest file that is given as JSON; larger ones are read through /files. */
const MAX_CONTENT_BYTES = 256 * 1024 * 1024;

/** Reads the model of a file or folder; a folder's content is the models of what is in it. */
export async function readModel(root: ContentsRoot, place: ContentsPath, wish: ContentsWish): Promise<ContentsModel> {
  const stats = await stat(place.absolute);
  if (stats.isDirectory()) return readFolder(root, place, stats, wish);
  if (wish.type === 'directory') {
    throw new LabError('BPFLAB_REQUEST_INVALID', `"${place.path}" is a file, not a folder.`);
  }
  if (!stats.isFile()) throw new LabError('BPFLAB_CONTENTS_PATH', `"${place.path}" is no regular file.`);
  const model = await fileModel(place, stats);
  if (wish.type === 'file') model.type = 'file';
  if (wish.content) await fillContent(model, place, stats, wish.format);
  if (wish.hash) {
    model.hash = await hashOf(model, place.absolute);
    model.hash_algorithm = 'sha256';
  }
  return model;
}

async function readFolder(
  root: ContentsRoot,
  place: ContentsPath,
  stats: Stats,
  wish: ContentsWish
): Promise<ContentsModel> {
  if (wish.type === 'file' || wish.type === 'notebook') {
    throw new LabError('BPFLAB_REQUEST_INVALID', `"${place.path}" is a folder, not a file.`);
  }
  const model: ContentsModel = { ...(await commonFields(place, stats)), type: 'directory', mimetype: null, size: null };
  if (!wish.content) return model;
  const names = (await readdir(place.absolute)).filter(name => !name.startsWith('.') && !name.includes('\\'));
  const entries = await Promise.all(names.map(name => entryModel(root, place, name)));
  return { ...model, format: 'json', content: entries.filter(entry => entry !== null) };
}

/** Null for what the folder lists and clients cannot have: links out of the root, sockets, what vanished meanwhile. */
async function entryModel(root: ContentsRoot, folder: ContentsPath, name: string): Promise<ContentsModel | null> {
  const absolute = join(folder.absolute, name);
  const path = folder.path === '' ? name : `${folder.path}/${name}`;
  try {
    if (!(await root.isInside(absolute))) return null;
    const stats = await stat(absolute);
    if (stats.isDirectory()) {
      return {
        ...(await commonFields({ path, absolute, name }, stats)),
        type: 'directory',
        mimetype: null,
        size: null
      };
    }
    return stats.isFile() ? await fileModel({ path, absolute, name }, stats) : null;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

async function fileModel(place: ContentsPath, stats: Stats): Promise<ContentsModel> {
  const isNotebook = place.name.endsWith('.ipynb');
  const mimetype = isNotebook ? null : mediaType(place.name);
  return { ...(await commonFields(place, stats)), type: isNotebook ? 'notebook' : 'file', mimetype, size: stats.size };
}

async function commonFields({ path, name, absolute }: ContentsPath, stats: Stats) {
  const writable = await access(absolute, constants.W_OK).then(
    () => true,
    () => false
  );
  return {
    name,
    path,
    writable,
    created: stats.birthtime.toISOString(),
    last_modified: stats.mtime.toISOString(),
    format: null,
    content: null
  };
}

async function fillContent(
  model: ContentsModel,
  place: ContentsPath,
  stats: Stats,
  format: string | undefined
): Promise<void> {
  if (stats.size > MAX_CONTENT_BYTES) {
    const message = `"${place.path}" was not opened — it has ${stats.size} bytes; download it instead.`;
    throw new LabError('BPFLAB_CONTENTS_FORMAT', message);
  }
  const bytes = await readFile(place.absolute);
  if (model.type === 'notebook') {
    model.format = 'json';
    model.content = parseNotebook(bytes.toString('utf8'), place.path);
    return;
  }
  const text = format === 'base64' ? null : decodeText(bytes);
  if (text === null && format === 'text') {
    throw new LabError('BPFLAB_CONTENTS_FORMAT', `"${place.path}" was not opened as text — it is not UTF-8.`);
  }
  model.format = text === null ? 'base64' : 'text';
  model.content = text ?? bytes.toString('base64');
  model.mimetype ??= text === null ? 'application/octet-stream' : 'text/plain';
}

/** Null when the bytes are not UTF-8. A byte order mark is part of the text, so that saving keeps it. */
function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function hashOf(model: ContentsModel, path: string): Promise<string> {
  const isNotebook = model.type === 'notebook' && (model.size ?? 0) <= MAX_CONTENT_BYTES;
  return (isNotebook ? hashOfSources(await readFile(path, 'utf8')) : null) ?? hashFile(path);
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
