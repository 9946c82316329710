import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerMark, ownerState } from './owner-mark.js';

let leases = 0;

/**
 * Says to set-up which entries of the cache this process uses, so that they stay although newer ones have taken their
 * place: `leases/OWNER.N.json` holds their absolute paths. It counts while the process runs, however that ends.
 */
export class CacheLease {
  readonly #file: string;
  readonly #folder: string;
  readonly #paths = new Set<string>();

  constructor(cacheRoot: string) {
    this.#folder = join(cacheRoot, 'leases');
    this.#file = `${ownerMark()}.${++leases}.json`;
  }

  /** A cache that cannot be written is not tidied either: then nothing is noted. */
  add(...paths: string[]): void {
    for (const path of paths) this.#paths.add(path);
    const unfinished = join(this.#folder, `.${this.#file}`);
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(unfinished, JSON.stringify([...this.#paths]));
      renameSync(unfinished, join(this.#folder, this.#file));
    } catch (error) {
      if (!['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }

  /** Whether a process that may still run uses this path of the cache. */
  static isUsed(cacheRoot: string, path: string): boolean {
    const folder = join(cacheRoot, 'leases');
    try {
      const names = readdirSync(folder).filter(name => !name.startsWith('.'));
      const live = names.filter(name => ownerState(name.split('.')[0] ?? '') !== 'gone');
      return live.some(name => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as string[]).includes(path));
    } catch {
      // Nobody has noted anything, or a lease went this moment.
      return false;
    }
  }

  release(): void {
    rmSync(join(this.#folder, this.#file), { force: true });
  }
}
