/**
 * What running gateways use in the cache: `leases/OWNER.N.json`, written by kernel-gateway/src/adapters/install/cache-lease.ts,
 * holds absolute paths. OWNER is `BOOT-NAMESPACE-PID-START`; a lease counts while that process runs.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A process of another machine or container cannot be looked at: its lease counts so long. */
const FOREIGN_MS = 30 * 24 * 3_600_000;

/**
 * Paths that live processes use. Leases of those that are gone are removed.
 *
 * @param {string} cache
 * @returns {string[]}
 */
export function leasedPaths(cache) {
  const folder = join(cache, 'leases');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap(name => {
    const file = join(folder, name);
    if (isLive(name.replace(/^\./, ''), file)) return readPaths(file);
    rmSync(file, { force: true });
    return [];
  });
}

/**
 * Whether one of the leased paths is this entry or lies in it.
 *
 * @param {string} entry
 * @param {string[]} leased
 */
export function isLeased(entry, leased) {
  return leased.some(path => path === entry || path.startsWith(`${entry}/`));
}

/**
 * @param {string} name
 * @param {string} file
 */
function isLive(name, file) {
  const [boot, namespace, pid, start] = name.split('.')[0]?.split('-') ?? [];
  const isHere =
    boot === readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8) &&
    namespace === /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
  if (!isHere) return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < FOREIGN_MS;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] === start;
  } catch {
    return false;
  }
}

/** @param {string} file */
function readPaths(file) {
  try {
    const paths = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(paths) ? paths.filter(path => typeof path === 'string') : [];
  } catch {
    return [];
  }
}
