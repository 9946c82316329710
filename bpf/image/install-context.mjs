/** What every set-up step is given, and the three things they all do: lock versions, fetch, describe. */
import { mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { openApt, resolvePackages } from './apt.mjs';
import { buildFolder, hashOf } from './cache.mjs';
import { dropPackageLock, packageLockFile, readPackageLock, writePackageLock } from './package-lock.mjs';
import { fetchPackages, missingPackages, sizeOf } from './package-pool.mjs';
import { megabytes } from './progress.mjs';
import { StepError } from './step-error.mjs';

/**
 * @typedef {import('./apt.mjs').Package} Package
 * @typedef {import('./apt.mjs').Apt} Apt
 * @typedef {import('./progress.mjs').Step} Step
 */

/** Suites of the images. */
const trixie = ['trixie', 'trixie-updates', 'trixie-security', 'trixie-backports'];
/** Suites that only the oldest kernel comes from. */
const bookworm = ['bookworm', 'bookworm-updates', 'bookworm-security'];

export class InstallContext {
  /** @type {Map<string, Promise<Apt>>} */
  #apts = new Map();

  /**
   * @param {object} options
   * @param {string} options.cache - root of the cache
   * @param {string} options.scratch - a folder of this run, removed at its end
   * @param {import('./progress.mjs').Progress} options.progress
   * @param {string | undefined} [options.mirror]
   * @param {boolean} [options.offline] - fetch nothing
   * @param {boolean} [options.update] - forget the locks: take the newest versions
   * @param {string[]} [options.labLayers] - names of what the lab image has besides its own packages
   */
  constructor(options) {
    this.cache = options.cache;
    this.scratch = options.scratch;
    this.progress = options.progress;
    this.mirror = options.mirror;
    this.offline = options.offline ?? false;
    this.update = options.update ?? false;
    this.labLayers = options.labLayers ?? [];
    this.pool = join(options.cache, 'debs');
    mkdirSync(this.pool, { recursive: true });
    mkdirSync(options.scratch, { recursive: true });
  }

  /**
   * The versions for a list of packages: from the lock, or resolved now.
   *
   * @param {string} name - of the lock
   * @param {string[]} list
   * @param {{ suites?: 'trixie' | 'bookworm', keep?: (name: string) => boolean }} [options] - keep: which of the result
   * @returns {Promise<Package[]>}
   */
  async lockPackages(name, list, { suites = 'trixie', keep = () => true } = {}) {
    const file = packageLockFile(join(this.cache, 'locks'), name, list);
    const locked = this.update ? null : readPackageLock(file);
    if (locked) return locked;
    if (this.offline)
      throw new StepError(
        'BPFLAB_IMAGE_MISSING',
        `The packages for "${name}" were never fetched, and --offline is given.`
      );
    const packages = (await resolvePackages(await this.#apt(suites), list)).filter(entry => keep(entry.name));
    writePackageLock(file, name, list, packages);
    return packages;
  }

  /**
   * Makes packages be in the pool. Versions that the mirror has removed since they were locked are resolved again.
   *
   * @param {Package[]} packages
   * @param {Step} step
   */
  async fetch(packages, step) {
    const missing = missingPackages(this.pool, packages);
    if (missing.length === 0) return;
    if (this.offline) {
      const names = missing.map(({ file }) => file).join(', ');
      throw new StepError('BPFLAB_IMAGE_MISSING', `--offline is given and ${missing.length} packages are missing.`, {
        details: names
      });
    }
    step.update(`download ${megabytes(sizeOf(missing))}`, 0);
    const { env } = await this.#apt('trixie');
    await fetchPackages(this.pool, packages, {
      env,
      onBytes: (have, total) => step.update(`download ${megabytes(have)} of ${megabytes(total)}`, have / total)
    });
  }

  /**
   * Locks and fetches; when a locked version is gone from the mirror, takes the newest instead, once.
   *
   * @param {string} name
   * @param {string[]} list
   * @param {Step} step
   * @param {Parameters<InstallContext['lockPackages']>[2]} [options]
   */
  async providePackages(name, list, step, options) {
    const packages = await this.lockPackages(name, list, options);
    try {
      await this.fetch(packages, step);
      return packages;
    } catch (error) {
      const gone = error instanceof StepError && /\b404\b/.test(error.details);
      if (!gone) throw error;
      step.update('newer versions');
      dropPackageLock(packageLockFile(join(this.cache, 'locks'), name, list));
      const newest = await this.lockPackages(name, list, options);
      await this.fetch(newest, step);
      return newest;
    }
  }

  /** @param {'trixie' | 'bookworm'} suites */
  #apt(suites) {
    let apt = this.#apts.get(suites);
    if (!apt) {
      const options = { suites: suites === 'trixie' ? trixie : bookworm, mirror: this.mirror };
      apt = openApt(join(this.scratch, suites), options);
      this.#apts.set(suites, apt);
    }
    return apt;
  }
}

/**
 * Names an entry by what it is made from, and builds it unless it is there.
 *
 * @param {string} folder - of the kind of entry
 * @param {string} name - without the id
 * @param {unknown} key - all that it depends on
 * @param {(place: string) => Promise<void>} build
 * @returns {Promise<{ id: string, place: string, built: boolean }>}
 */
export async function provideEntry(folder, name, key, build) {
  const id = hashOf(key);
  const place = join(folder, `${name}-${id}`);
  const built = await buildFolder(place, build);
  // The time of last use decides which old entries are removed.
  utimesSync(place, new Date(), new Date());
  return { id, place, built };
}

/**
 * Text of recipe files beside this one: a part of the key of what they make.
 *
 * @param {string[]} names
 */
export function recipe(...names) {
  return names.map(name => readFileSync(new URL(name, import.meta.url), 'utf8'));
}

/**
 * What identifies packages in a key.
 *
 * @param {Package[]} packages
 */
export function packageKey(packages) {
  return packages.map(({ file, sha256 }) => `${file} ${sha256}`).sort();
}
