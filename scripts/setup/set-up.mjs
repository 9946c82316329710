import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, hashOf } from '../../bpf/image/cache.mjs';
import { withFileLock } from '../../bpf/image/file-lock.mjs';
import { install } from '../../bpf/image/install.mjs';
import { readInstalledFile } from '../../bpf/image/installed-file.mjs';
import { StepError } from '../../bpf/image/step-error.mjs';
import { buildApplication, buildGateway } from './build-code.mjs';
import { checkout } from './checkout.mjs';
import { provideLanguagePack } from './language-pack.mjs';
import { provideNpmPackages } from './npm-packages.mjs';
import { provideTerminalModule } from './terminal-module.mjs';
import { warmUp } from './warm-up.mjs';

/**
 * @typedef {object} SetUpOptions
 * @property {import('../../bpf/image/progress.mjs').Progress} progress
 * @property {string | undefined} [mirror] - Debian archive
 * @property {boolean} [offline]
 * @property {boolean} [update] - take the newest Debian packages
 * @property {boolean} [withVm] - make the template of the virtual machine; true when not given
 */

/**
 * Makes all be there that the application needs: npm packages and builds in the checkout, images and template in the
 * cache. What is there already is kept. Another start of the same checkout is waited for.
 *
 * @param {SetUpOptions} options
 */
export async function setUp({ progress, mirror, offline = false, update = false, withVm = true }) {
  checkHost();
  const cache = cacheRoot();
  await withCheckoutLock(progress, async () => {
    const gateway = provideNpmPackages({ progress, offline }).then(() => buildGateway(progress));
    const application = gateway.then(() => buildApplication(progress));
    const images = install({ cache, progress, mirror, offline, update });
    const language = gateway.then(() => provideLanguagePack({ progress, cache, offline }));
    const prepared = Promise.all([gateway, images]).then(() => prepareTargets({ progress, cache, withVm }));
    await Promise.all([application, prepared, language]);
  });
}

/**
 * What needs both the built gateway and the images.
 *
 * @param {{ progress: import('../../bpf/image/progress.mjs').Progress, cache: string, withVm: boolean }} options
 */
async function prepareTargets({ progress, cache, withVm }) {
  const { tools, lab } = readInstalledFile(cache);
  if (!tools || !lab) throw new StepError('BPFLAB_IMAGE_MISSING', `installed.json in ${cache} was removed meanwhile.`);
  await provideTerminalModule({ progress, cache, tools, lab });
  await warmUp({ progress, cache, withVm });
}

/**
 * Makes the command line be there, without images: npm packages and the TypeScript build.
 *
 * @param {{ progress: import('../../bpf/image/progress.mjs').Progress }} options
 */
export async function setUpCommandLine({ progress }) {
  await withCheckoutLock(progress, async () => {
    await provideNpmPackages({ progress, offline: false });
    await buildGateway(progress);
  });
}

/**
 * @param {import('../../bpf/image/progress.mjs').Progress} progress
 * @param {() => Promise<void>} work
 */
function withCheckoutLock(progress, work) {
  const lock = join(cacheRoot(), 'checkouts', `${hashOf(checkout)}.lock`);
  return withFileLock(lock, holder => progress.note(`Waiting for another start (process ${holder}) …`), work);
}

/** Says what kind of machine this needs to be, before anything is fetched. */
function checkHost() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new StepError(
      'BPFLAB_CONFIG_OPTION',
      `bpflab runs on Linux on x86-64, and this is ${process.platform} on ${process.arch}.`,
      {
        hint: 'Use a machine or a virtual machine with Debian or Ubuntu on x86-64.'
      }
    );
  for (const program of ['apt-get', 'dpkg-deb', 'setpriv', 'flock', 'bash', 'tar', 'xz']) {
    if ((process.env['PATH'] ?? '').split(':').some(folder => existsSync(join(folder, program)))) continue;
    throw new StepError('BPFLAB_CONFIG_OPTION', `The program "${program}" is missing on this machine.`, {
      hint: 'bpflab needs Debian or Ubuntu, or a system with their apt, dpkg and util-linux.'
    });
  }
}
