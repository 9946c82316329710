/**
 * Results of compiles by content key: the newest in memory, more of them on disk (`builds/cells/`), both bounded. An entry
 * on disk is one file: `u32 length | JSON | bytes`, checked by its hash when it is read.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is kept: JSON, and bytes by name. */
export interface CacheEntry {
  meta: unknown;
  parts: Record<string, Uint8Array>;
}

const MEMORY_BYTES = 24 * 1024 * 1024;
const DISK_BYTES = 256 * 1024 * 1024;
const PRUNE_EVERY = 50;

interface Head {
  meta: unknown;
  parts: { name: string; size: number }[];
  sha256: string;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const sizeOf = (entry: CacheEntry): number => Object.values(entry.parts).reduce((sum, part) => sum + part.length, 0);

function encode(entry: CacheEntry): Buffer {
  const body = Buffer.concat(Object.values(entry.parts));
  const parts = Object.entries(entry.parts).map(([name, bytes]) => ({ name, size: bytes.length }));
  const head = Buffer.from(JSON.stringify({ meta: entry.meta, parts, sha256: sha256(body) } satisfies Head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, body]);
}

function decode(bytes: Buffer): CacheEntry | null {
  try {
    const start = 4 + bytes.readUInt32LE(0);
    const head = JSON.parse(bytes.toString('utf8', 4, start)) as Head;
    if (sha256(bytes.subarray(start)) !== head.sha256) return null;
    const parts: Record<string, Uint8Array> = {};
    let at = start;
    for (const { name, size } of head.parts) {
      parts[name] = new Uint8Array(bytes.subarray(at, at + size));
      at += size;
    }
    return { meta: head.meta, parts };
  } catch {
    return null;
  }
}

/** See the file's head. */
export class BuildCache {
  readonly #folder: string;
  readonly #memory = new Map<string, CacheEntry>();
  #memoryBytes = 0;
  #writes = 0;

  constructor(cacheDir: string) {
    this.#folder = join(cacheDir, 'builds', 'cells');
  }

  /** The entry, or null; a broken one on disk is removed. The value is shared: do not change it. */
  async get(key: string): Promise<CacheEntry | null> {
    const known = this.#memory.get(key);
    if (known) {
      this.#memory.delete(key);
      this.#memory.set(key, known);
      return known;
    }
    const path = join(this.#folder, key);
    const bytes = await readFile(path).catch(() => null);
    if (!bytes) return null;
    const entry = decode(bytes);
    if (!entry) {
      await rm(path, { force: true });
      return null;
    }
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    this.#remember(key, entry);
    return entry;
  }

  /** Keeps an entry. A disk that is full costs the next start a compile, not this one: it is kept in memory. */
  async put(key: string, entry: CacheEntry): Promise<void> {
    this.#remember(key, entry);
    const path = join(this.#folder, key);
    const fresh = `${path}.${process.pid}.new`;
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(fresh, encode(entry));
      await rename(fresh, path);
      if (this.#writes++ % PRUNE_EVERY === 0) await this.#prune();
    } catch {
      await rm(fresh, { force: true }).catch(() => undefined);
    }
  }

  #remember(key: string, entry: CacheEntry): void {
    this.#memory.set(key, entry);
    this.#memoryBytes += sizeOf(entry);
    for (const [oldest, old] of this.#memory) {
      if (this.#memoryBytes <= MEMORY_BYTES || oldest === key) break;
      this.#memory.delete(oldest);
      this.#memoryBytes -= sizeOf(old);
    }
  }

  async #prune(): Promise<void> {
    const files: { path: string; size: number; usedMs: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(() => null);
      if (found) files.push({ path, size: found.size, usedMs: found.mtimeMs });
    }
    let total = files.reduce((sum, file) => sum + file.size, 0);
    for (const file of files.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= DISK_BYTES) break;
      await rm(file.path, { force: true });
      total -= file.size;
    }
  }
}
