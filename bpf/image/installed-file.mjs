/** installed.json: which of the entries in the cache are the current ones. Written here, read by everybody. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from './cache.mjs';

/**
 * @typedef {object} Installed
 * @property {1} version
 * @property {{ id: string, root: string }} [tools]
 * @property {{ id: string, root: string, erofs: string }} [lab]
 * @property {string[]} [lab_layers] - what was added to the lab image, by the names of `image add`
 * @property {{ id: string, path: string }} [agent]
 * @property {import('./kernels.mjs').Kernel[]} [kernels]
 * @property {string} [default_kernel] - a release
 */

/**
 * @param {string} cache
 * @returns {Installed} with no parts when there is none
 */
export function readInstalledFile(cache) {
  try {
    /** @type {Installed} */
    const installed = JSON.parse(readFileSync(join(cache, 'installed.json'), 'utf8'));
    return installed.version === 1 ? installed : { version: 1 };
  } catch {
    return { version: 1 };
  }
}

/**
 * Replaces some parts. The caller holds the install lock.
 *
 * @param {string} cache
 * @param {Partial<Installed>} parts
 */
export function updateInstalledFile(cache, parts) {
  const installed = { ...readInstalledFile(cache), ...parts };
  writeFileWhole(join(cache, 'installed.json'), `${JSON.stringify(installed, null, 2)}\n`);
}
