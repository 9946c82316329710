/** The checkout that these scripts belong to. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StepError } from '../../bpf/image/step-error.mjs';

/** Absolute path, without a slash at the end. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Major version of Node that the product runs on; npm brings it, so the system's may be older. */
const NODE_MAJOR = 24;

/**
 * The Node that runs the product: from node_modules, else this one when it is new enough.
 *
 * @throws {StepError} when there is none
 */
export function productNode() {
  const own = join(checkout, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  throw new StepError('BPFLAB_IMAGE_MISSING', `There is no Node ${NODE_MAJOR} in node_modules.`, {
    hint: 'Run npm start; it installs it as an npm package.'
  });
}

/**
 * Hash of the contents and names of files, relative to the checkout; folders count with all that is below them.
 *
 * @param {string[]} paths
 */
export function hashOfFiles(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(path => filesBelow(join(checkout, path)))) {
    hash.update(`${relative(checkout, file)}\0`);
    hash.update(readFileSync(file));
    hash.update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * @param {string} path
 * @returns {string[]} absolute, sorted; empty when there is no such file
 */
function filesBelow(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return [];
  if (!status.isDirectory()) return [path];
  const ignored = new Set(['node_modules', 'lib', 'dist']);
  return readdirSync(path, { withFileTypes: true })
    .filter(entry => !(entry.isDirectory() && ignored.has(entry.name)))
    .flatMap(entry => filesBelow(join(path, entry.name)))
    .sort();
}

/**
 * @param {string} name - relative to the checkout
 * @returns {string | null} its text, null when it cannot be read
 */
export function readStamp(name) {
  try {
    return readFileSync(join(checkout, name), 'utf8').trim();
  } catch {
    return null;
  }
}
