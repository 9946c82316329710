/** The folder `debs/` of the cache: downloaded packages, whole and checked, by file name. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from './cache.mjs';
import { runCommand } from './run-command.mjs';

/** @typedef {import('./apt.mjs').Package} Package */

/** How often the size of what has come is read while apt downloads. */
const POLL_MS = 250;

/**
 * Makes all packages be in the pool. Uses apt's own downloader, and so the machine's proxies; it checks SHA-256.
 *
 * @param {string} pool
 * @param {Package[]} packages
 * @param {{ env: { APT_CONFIG: string }, onBytes: (have: number, total: number) => void }} options
 * @returns {Promise<number>} bytes that had to be fetched
 */
export async function fetchPackages(pool, packages, options) {
  const missing = missingPackages(pool, packages);
  if (missing.length === 0) return 0;
  const total = sizeOf(missing);
  const folder = mkdtempSync(join(pool, '.download-'));
  const timer = setInterval(() => options.onBytes(bytesIn(folder), total), POLL_MS);
  try {
    const triples = missing.flatMap(({ uri, file, sha256 }) => [uri, join(folder, file), `SHA256:${sha256}`]);
    await runCommand('/usr/lib/apt/apt-helper', ['-qq', 'download-file', ...triples], {
      env: options.env,
      code: 'BPFLAB_IMAGE_FETCH',
      what: 'The download of Debian packages'
    });
    for (const { file } of missing) renameSync(join(folder, file), join(pool, file));
  } finally {
    clearInterval(timer);
    await harvest(pool, folder, missing);
  }
  options.onBytes(total, total);
  return total;
}

/**
 * @param {string} pool
 * @param {Package[]} packages
 */
export function missingPackages(pool, packages) {
  return packages.filter(({ file, size }) => !existsSync(join(pool, file)) || statSync(join(pool, file)).size !== size);
}

/** @param {Package[]} packages */
export function sizeOf(packages) {
  return packages.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Takes over what killed or failed downloads had finished, and removes the rest. The caller holds the install lock.
 *
 * @param {string} pool
 * @param {Package[]} packages - those that the locks name
 */
export async function harvestDownloads(pool, packages) {
  if (!existsSync(pool)) return;
  for (const name of readdirSync(pool).filter(entry => entry.startsWith('.download-'))) {
    await harvest(pool, join(pool, name), packages);
  }
}

/**
 * @param {string} pool
 * @param {string} folder
 * @param {Package[]} packages
 */
async function harvest(pool, folder, packages) {
  const wanted = new Map(packages.map(entry => [entry.file, entry]));
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const entry = wanted.get(name);
    const path = join(folder, name);
    if (entry && statSync(path).size === entry.size && (await sha256Of(path)) === entry.sha256)
      renameSync(path, join(pool, name));
  }
  removeTree(folder);
}

/** @param {string} path */
async function sha256Of(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** @param {string} folder */
function bytesIn(folder) {
  let sum = 0;
  for (const name of readdirSync(folder)) sum += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return sum;
}

/**
 * Removes packages that no lock names any more.
 *
 * @param {string} pool
 * @param {Package[]} packages
 */
export function trimPool(pool, packages) {
  const keep = new Set(packages.map(({ file }) => file));
  for (const name of existsSync(pool) ? readdirSync(pool) : []) {
    if (name.endsWith('.deb') && !keep.has(name)) rmSync(join(pool, name), { force: true });
  }
}
