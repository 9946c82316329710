/** Which versions an image is made of: a file per package list in `locks/` of the cache, written once, then kept. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, writeFileWhole } from './cache.mjs';

/**
 * @typedef {import('./apt.mjs').Package} Package
 * @typedef {{ version: 1, name: string, list: string[], packages: Package[] }} PackageLock
 */

/**
 * @param {string} folder - `locks/` of the cache
 * @param {string} name
 * @param {string[]} list - package names as asked for
 */
export function packageLockFile(folder, name, list) {
  return join(folder, `${name}-${hashOf(list)}.json`);
}

/**
 * @param {string} file
 * @returns {Package[] | null} null when there is none, or it is not one of ours
 */
export function readPackageLock(file) {
  if (!existsSync(file)) return null;
  try {
    return parsePackageLock(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/**
 * @param {string} text
 * @returns {PackageLock}
 * @throws {Error} that says what is wrong with it
 */
export function parsePackageLock(text) {
  /** @type {unknown} */
  const value = JSON.parse(text);
  const lock = /** @type {PackageLock} */ (value);
  if (typeof value !== 'object' || value === null || lock.version !== 1)
    throw new Error('not a package lock of version 1');
  if (!Array.isArray(lock.packages) || lock.packages.length === 0) throw new Error('a package lock without packages');
  for (const entry of lock.packages) {
    const strings = [entry.name, entry.version, entry.file, entry.uri].every(text => typeof text === 'string' && text);
    if (!strings || !Number.isSafeInteger(entry.size) || !/^[0-9a-f]{64}$/.test(entry.sha256) || /\//.test(entry.file))
      throw new Error(`a package lock with a broken entry: ${JSON.stringify(entry)}`);
  }
  return lock;
}

/**
 * @param {string} file
 * @param {string} name
 * @param {string[]} list
 * @param {Package[]} packages
 */
export function writePackageLock(file, name, list, packages) {
  writeFileWhole(file, `${JSON.stringify({ version: 1, name, list, packages }, null, 1)}\n`);
}

/**
 * Packages that any lock names.
 *
 * @param {string} folder
 * @returns {Package[]}
 */
export function allLockedPackages(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter(name => name.endsWith('.json'));
  return files.flatMap(name => readPackageLock(join(folder, name)) ?? []);
}

/**
 * Forgets a lock, so that the newest versions are taken again.
 *
 * @param {string} file
 */
export function dropPackageLock(file) {
  rmSync(file, { force: true });
}
