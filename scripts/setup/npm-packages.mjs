import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { StepError } from '../../bpf/image/step-error.mjs';
import { checkout } from './checkout.mjs';

/** @typedef {Record<string, { version?: string, integrity?: string, link?: boolean, optional?: boolean }>} Packages */

/**
 * Makes node_modules be that of package-lock.json, by `npm ci` when it is not. Install scripts do not run: the one
 * native module that we need is compiled by `provideTerminalModule`, without a compiler of the host.
 *
 * @param {{ progress: import('../../bpf/image/progress.mjs').Progress, offline: boolean }} options
 */
export async function provideNpmPackages({ progress, offline }) {
  const step = progress.step('npm packages');
  const locked = readPackages('package-lock.json') ?? {};
  if (isInstalled(locked, readPackages('node_modules/.package-lock.json'))) {
    step.cached();
    return;
  }
  step.update('npm ci');
  const npm = process.env['npm_execpath'];
  const [command, first] = npm && existsSync(npm) ? [process.execPath, [npm]] : ['npm', []];
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
  try {
    await runCommand(command, [...first, ...flags, offline ? '--offline' : '--prefer-offline'], {
      cwd: checkout,
      code: offline ? 'BPFLAB_IMAGE_MISSING' : 'BPFLAB_IMAGE_FETCH',
      what: 'npm ci'
    });
  } catch (error) {
    step.failed();
    const details = error instanceof StepError ? error.details : '';
    throw offline && details.includes('ENOTCACHED')
      ? new StepError('BPFLAB_IMAGE_MISSING', '--offline is given and npm packages are missing.', { details })
      : error;
  }
  step.done(`${Object.keys(readPackages('node_modules/.package-lock.json') ?? {}).length} packages`);
}

/**
 * Whether what npm wrote at the end of its last installation is what the lock asks for. npm writes that file last, so
 * an interrupted installation has none.
 *
 * @param {Packages} locked - "packages" of package-lock.json
 * @param {Packages | null} installed - "packages" of node_modules/.package-lock.json
 */
export function isInstalled(locked, installed) {
  if (!installed) return false;
  const differs = Object.entries(installed).some(([path, { version, integrity, link }]) => {
    const wanted = locked[path];
    return !wanted || (!link && (wanted.version !== version || wanted.integrity !== integrity));
  });
  // Optional packages of other platforms are in the lock alone; "" is the project itself.
  const lacks = Object.entries(locked).some(([path, { optional }]) => path !== '' && !optional && !(path in installed));
  return !differs && !lacks;
}

/**
 * @param {string} name
 * @returns {Packages | null}
 */
function readPackages(name) {
  try {
    return JSON.parse(readFileSync(join(checkout, name), 'utf8')).packages;
  } catch {
    return null;
  }
}
