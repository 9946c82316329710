/**
 * The folder of everything that set-up makes. Each entry is named by the hash of what it was made from, is built in a
 * temporary folder beside its place, and gets its name only when it is whole: what has a name is complete.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { isLeased } from './leases.mjs';

/** Mark in the names of what is not finished. */
const UNFINISHED = '.unfinished-';

/** Absolute path of the cache: `$BPFLAB_CACHE`, else `$XDG_CACHE_HOME/bpflab`, else `~/.cache/bpflab`. */
export function cacheRoot(env = process.env) {
  if (env['BPFLAB_CACHE']) return resolve(env['BPFLAB_CACHE']);
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bpflab');
}

/**
 * First 16 hex digits of the SHA-256 of the parts' JSON: the names of entries.
 *
 * @param {unknown[]} parts
 */
export function hashOf(...parts) {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/**
 * Makes the folder `place` by `build` unless it exists. The caller holds the install lock.
 *
 * @param {string} place
 * @param {(folder: string) => Promise<void>} build - fills the empty folder it is given
 * @returns {Promise<boolean>} whether it had to be built
 */
export async function buildFolder(place, build) {
  if (existsSync(place)) return false;
  mkdirSync(dirname(place), { recursive: true });
  const folder = join(dirname(place), `${UNFINISHED}${process.pid}-${basename(place)}`);
  removeTree(folder);
  mkdirSync(folder);
  try {
    await build(folder);
  } catch (error) {
    try {
      removeTree(folder);
    } catch {
      // A program that is just ending may still write there; the next start removes it.
    }
    throw error;
  }
  renameSync(folder, place);
  return true;
}

/**
 * Writes a file whole or not at all.
 *
 * @param {string} file
 * @param {string | Uint8Array} content
 */
export function writeFileWhole(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = join(dirname(file), `${UNFINISHED}${process.pid}-${basename(file)}`);
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

/**
 * Removes what a killed process left unfinished in the given folders. The caller holds the install lock, so nobody
 * works on any of it.
 *
 * @param {string[]} folders
 */
export function sweepUnfinished(folders) {
  for (const folder of folders.filter(path => existsSync(path)))
    for (const name of readdirSync(folder)) if (name.startsWith(UNFINISHED)) removeTree(join(folder, name));
}

/** Entries that are not the current ones: so many of each kind stay, the newest … */
const KEPT_OTHERS = 2;
/** … and so long after their last use, so that another checkout or branch finds its own again. */
const KEPT_MS = 7 * 24 * 3_600_000;
/** Whatever was used this recently stays: a start of an older checkout may be about to take it. */
const RECENT_MS = 3_600_000;

/**
 * Removes the entries of a folder whose names begin with `prefix`: all but those in `keep`, those that a running gateway
 * uses, and the newest two that were used within a week.
 *
 * @param {string} folder
 * @param {string} prefix
 * @param {{ keep: string[], leased: string[] }} used - keep: names; leased: see `leasedPaths`
 */
export function removeOthers(folder, prefix, { keep, leased }) {
  if (!existsSync(folder)) return;
  const others = readdirSync(folder)
    .filter(name => name.startsWith(prefix) && !keep.includes(name) && !isLeased(join(folder, name), leased))
    .map(name => ({ name, ageMs: Date.now() - statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => a.ageMs - b.ageMs);
  for (const [index, { name, ageMs }] of others.entries()) {
    if (ageMs > KEPT_MS || (index >= KEPT_OTHERS && ageMs > RECENT_MS)) removeTree(join(folder, name));
  }
}

/**
 * rm -rf that also empties folders without write permission (packages ship some).
 *
 * @param {string} path
 */
export function removeTree(path) {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 2 });
  } catch {
    makeWritable(path);
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {string} folder */
function makeWritable(folder) {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) makeWritable(join(folder, entry.name));
}
