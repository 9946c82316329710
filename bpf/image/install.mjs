/** All set-up steps that make something in the cache, in the order of what needs what. */
import { mkdtempSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { provideAgent } from './agent.mjs';
import { provideBlazesym } from './blazesym.mjs';
import { removeOthers, removeTree, sweepUnfinished } from './cache.mjs';
import { withFileLock } from './file-lock.mjs';
import { provideLabImage, provideToolsImage } from './images.mjs';
import { InstallContext } from './install-context.mjs';
import { readInstalledFile, updateInstalledFile } from './installed-file.mjs';
import { leasedPaths } from './leases.mjs';
import { provideAllHeaders } from './kernel-headers.mjs';
import { addKernel, listKernels, provideInitramfs, provideKernel, removeKernel } from './kernels.mjs';
import { allLockedPackages } from './package-lock.mjs';
import { harvestDownloads, trimPool } from './package-pool.mjs';
import { StepError } from './step-error.mjs';

/**
 * @typedef {object} InstallOptions
 * @property {string} cache - root of the cache
 * @property {import('./progress.mjs').Progress} progress
 * @property {string | undefined} [mirror]
 * @property {boolean} [offline]
 * @property {boolean} [update] - take the newest package versions
 */

/**
 * Makes tools image, lab image, agent and default kernel be there, and says so in installed.json part by part.
 * Kernels that are installed besides get an initramfs with the new agent.
 *
 * @param {InstallOptions} options
 */
export function install(options) {
  return withInstallLock(options, installParts);
}

/**
 * Adds programs to the lab image. The image without them stays until nobody uses it.
 *
 * @param {InstallOptions} options
 * @param {string} layer - a name of `labLayers`
 */
export function installLabLayer(options, layer) {
  return withInstallLock(options, async context => {
    context.labLayers = [...new Set([...context.labLayers, layer])].sort();
    await installParts(context);
    updateInstalledFile(context.cache, { lab_layers: context.labLayers });
  });
}

/** @param {InstallContext} context */
async function installParts(context) {
  const { cache } = context;
  const tools = provideToolsImage(context);
  const lab = provideLabImage(context, tools);
  const kernel = provideKernel(context, tools);
  const parts = Promise.all([
    tools.then(made => updateInstalledFile(cache, { tools: made })),
    lab.then(made => updateInstalledFile(cache, { lab: made })),
    finish(context, { tools, lab, kernel })
  ]);
  // One failure must not hide behind another step that is still at work; all are waited for.
  await Promise.allSettled([tools, lab, kernel, parts]);
  await parts;
  await tidy(context);
}

/**
 * @param {InstallContext} context
 * @param {{ tools: ReturnType<typeof provideToolsImage>, lab: ReturnType<typeof provideLabImage>, kernel: ReturnType<typeof provideKernel> }} parts
 */
async function finish(context, { tools, lab, kernel }) {
  const { root: toolsRoot } = await tools;
  const agent = await provideAgent(context, { toolsRoot, lab: await lab });
  updateInstalledFile(context.cache, { agent });
  const { release } = await kernel;
  await describeKernels(context, { toolsRoot, agent: agent.path, defaultRelease: release });
}

/**
 * @param {InstallContext} context
 * @param {{ toolsRoot: string, agent: string, defaultRelease?: string | undefined }} parts
 */
async function describeKernels({ cache }, { toolsRoot, agent, defaultRelease }) {
  const kernels = [];
  for (const { release, vmlinux, modules, btf } of listKernels(cache)) {
    const initrd = await provideInitramfs({ cache }, { release, toolsRoot, agent });
    kernels.push({ release, vmlinux, initrd, modules, btf });
  }
  updateInstalledFile(cache, { kernels, ...(defaultRelease ? { default_kernel: defaultRelease } : {}) });
}

/**
 * Installs a kernel besides the default one.
 *
 * @param {InstallOptions} options
 * @param {import('./kernels.mjs').KernelChoice} choice
 * @returns {Promise<string>} its release
 */
export function installKernel(options, choice) {
  return withInstallLock(options, async context => {
    const { tools, agent } = requireInstalled(context.cache);
    const { release } = await provideKernel(context, Promise.resolve(tools), choice);
    await describeKernels(context, { toolsRoot: tools.root, agent: agent.path });
    return release;
  });
}

/**
 * Adds a kernel of the user's own.
 *
 * @param {InstallOptions} options
 * @param {Parameters<typeof addKernel>[2]} files
 * @returns {Promise<string>} its release
 */
export function installOwnKernel(options, files) {
  return withInstallLock(options, async context => {
    const { tools, agent } = requireInstalled(context.cache);
    const release = await addKernel(context, tools.root, files);
    await describeKernels(context, { toolsRoot: tools.root, agent: agent.path });
    return release;
  });
}

/**
 * Installs headers of all kernels, for programs that compile in the guest.
 *
 * @param {InstallOptions} options
 */
export function installKernelHeaders(options) {
  return withInstallLock(options, async context => {
    const { tools } = requireInstalled(context.cache);
    await provideAllHeaders(context, tools.root);
  });
}

/**
 * Builds the library that lessons symbolize stacks with.
 *
 * @param {InstallOptions} options
 */
export function installBlazesym(options) {
  return withInstallLock(options, provideBlazesym);
}

/**
 * Removes a kernel that is not the default one.
 *
 * @param {InstallOptions} options
 * @param {string} release
 */
export function uninstallKernel(options, release) {
  return withInstallLock(options, async context => {
    const { kernels = [], default_kernel: chosen } = readInstalledFile(context.cache);
    if (!kernels.some(kernel => kernel.release === release))
      throw new StepError('BPFLAB_CONFIG_OPTION', `There is no kernel "${release}" to remove.`, { hint: seeList });
    if (release === chosen)
      throw new StepError('BPFLAB_CONFIG_OPTION', `"${release}" is the default kernel, which stays.`, {
        hint: seeList
      });
    updateInstalledFile(context.cache, { kernels: kernels.filter(kernel => kernel.release !== release) });
    removeKernel(context.cache, release);
  });
}

const seeList = 'Run npx bpflab kernel list for those that are installed.';

/** @param {string} cache */
function requireInstalled(cache) {
  const { tools, agent } = readInstalledFile(cache);
  if (!tools || !agent) throw new StepError('BPFLAB_IMAGE_MISSING', `There are no images in ${cache} yet.`);
  return { tools, agent };
}

/**
 * @template T
 * @param {InstallOptions} options
 * @param {(context: InstallContext) => Promise<T>} work
 */
function withInstallLock(options, work) {
  const { cache, progress } = options;
  const onWait = (/** @type {string} */ holder) => progress.note(`Waiting for another start (process ${holder}) …`);
  return withFileLock(join(cache, 'install.lock'), onWait, async () => {
    sweepUnfinished(['.', 'images', 'builds', 'kernels', 'layers', 'locks'].map(name => join(cache, name)));
    await harvestDownloads(join(cache, 'debs'), allLockedPackages(join(cache, 'locks')));
    mkdirSync(cache, { recursive: true });
    // Named like what is unfinished, so that the next start removes it when this one is killed.
    const scratch = mkdtempSync(join(cache, '.unfinished-scratch-'));
    try {
      const { lab_layers: labLayers = [] } = readInstalledFile(cache);
      return await work(new InstallContext({ ...options, scratch, labLayers }));
    } catch (error) {
      throw isDiskFull(error)
        ? new StepError('BPFLAB_DISK_FULL', `The disk of ${cache} is full.`, {
            details: detailsOf(error),
            cause: error
          })
        : error;
    } finally {
      removeTree(scratch);
    }
  });
}

/** @param {unknown} error */
function isDiskFull(error) {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'BPFLAB_DISK_FULL' || code === 'ENOSPC' || code === 'EDQUOT';
}

/** @param {unknown} error */
function detailsOf(error) {
  return error instanceof StepError ? error.details : String(error);
}

/**
 * Removes what no lock, no current entry and no running gateway uses: packages at once, entries as `removeOthers` says.
 *
 * @param {InstallContext} context
 */
async function tidy({ cache, pool }) {
  trimPool(pool, allLockedPackages(join(cache, 'locks')));
  const { tools, lab, agent, kernels = [] } = readInstalledFile(cache);
  const leased = leasedPaths(cache);
  removeOthers(join(cache, 'images'), 'tools-', { keep: [`tools-${tools?.id}`], leased });
  removeOthers(join(cache, 'images'), 'lab-', { keep: [`lab-${lab?.id}`], leased });
  removeOthers(cache, 'agent-', { keep: [`agent-${agent?.id}`], leased });
  for (const { release, initrd } of kernels)
    removeOthers(join(cache, 'kernels', release), 'initrd-', { keep: [basename(initrd)], leased });
  if (readdirSync(cache).length === 0) throw new StepError('BPFLAB_IMAGE_BUILD', `${cache} was emptied meanwhile.`);
}
