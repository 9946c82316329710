/** The tools image and the lab image. */
import { cpSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageKey, provideEntry, recipe } from './install-context.mjs';
import { buildLibbpf, unpackLibbpfSource } from './libbpf.mjs';
import { kernelSourcePackages, labLayers, labPackages, toolsPackages } from './package-lists.mjs';
import { runInImage, runTool } from './sandbox.mjs';
import { unpackPackages } from './unpack.mjs';

/**
 * @typedef {import('./install-context.mjs').InstallContext} InstallContext
 * @typedef {import('./apt.mjs').Package} Package
 */

/**
 * @param {InstallContext} context
 * @returns {Promise<{ id: string, root: string }>}
 */
export async function provideToolsImage(context) {
  const step = context.progress.step('Tools image');
  try {
    const packages = await context.providePackages('tools', toolsPackages, step);
    const key = ['tools', packageKey(packages), recipe('unpack.mjs')];
    const { id, place, built } = await provideEntry(join(context.cache, 'images'), 'tools', key, async folder => {
      const root = join(folder, 'root');
      mkdirSync(root);
      await unpackPackages(root, context.pool, packages, done => {
        step.update(`unpack package ${done} of ${packages.length}`, done / packages.length);
      });
      await runInImage(root, { image: root, writable: true }, ['ldconfig']);
      describe(folder, 'tools', packages);
    });
    (built ? step.done : step.cached)(`${packages.length} packages`);
    return { id, root: join(place, 'root') };
  } catch (error) {
    step.failed();
    throw error;
  }
}

/**
 * @param {InstallContext} context
 * @param {Promise<{ root: string }>} tools
 * @returns {Promise<{ id: string, root: string, erofs: string }>}
 */
export async function provideLabImage(context, tools) {
  const step = context.progress.step('Lab image');
  try {
    const list = [...labPackages, ...context.labLayers.flatMap(name => labLayers[name] ?? [])];
    const [packages, source] = await Promise.all([
      context.providePackages('lab', list, step),
      context.lockPackages('kernel-source', kernelSourcePackages, { keep: name => /^linux-source-\d/.test(name) })
    ]);
    const key = ['lab', packageKey(packages), packageKey(source), recipe('unpack.mjs', 'libbpf.mjs', 'images.mjs')];
    const { id, place, built } = await provideEntry(join(context.cache, 'images'), 'lab', key, async folder => {
      const root = join(folder, 'root');
      mkdirSync(root);
      await unpackPackages(root, context.pool, packages, done => {
        step.update(`unpack package ${done} of ${packages.length}`, done / packages.length);
      });
      const { root: toolsRoot } = await tools;
      await runInImage(toolsRoot, { image: root, writable: true }, ['ldconfig']);
      const libbpf = await provideLibbpf(context, { toolsRoot, image: root, packages, source }, step);
      cpSync(libbpf, root, { recursive: true, verbatimSymlinks: true });
      step.update('write the disk');
      await runTool(toolsRoot, 'usr/bin/mkfs.erofs', [
        '--quiet',
        '--all-root',
        '-T0',
        join(folder, 'root.erofs'),
        root
      ]);
      describe(folder, 'lab', [...packages, ...source]);
    });
    (built ? step.done : step.cached)(`${packages.length} packages`);
    return { id, root: join(place, 'root'), erofs: join(place, 'root.erofs') };
  } catch (error) {
    step.failed();
    throw error;
  }
}

/**
 * @param {InstallContext} context
 * @param {{ toolsRoot: string, image: string, packages: Package[], source: Package[] }} made
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<string>} a folder with usr/lib and usr/include
 */
async function provideLibbpf(context, { toolsRoot, image, packages, source }, step) {
  const toolchain = packages.filter(({ name }) =>
    /^(gcc-\d+|libc6-dev|libelf-dev|zlib1g-dev|linux-libc-dev)$/.test(name)
  );
  const key = ['libbpf', packageKey(source), packageKey(toolchain), recipe('libbpf.mjs')];
  const { place } = await provideEntry(join(context.cache, 'builds'), 'libbpf', key, async folder => {
    step.update('download the kernel source');
    await context.fetch(source, step);
    const work = join(context.scratch, 'libbpf-source');
    mkdirSync(work);
    step.update('unpack the kernel source');
    await unpackLibbpfSource(join(context.pool, source[0]?.file ?? ''), work);
    step.update('build libbpf');
    await buildLibbpf({ toolsRoot, image, source: work, out: folder });
  });
  return place;
}

/**
 * Writes image.json: what the image is made of, for people and for `doctor`.
 *
 * @param {string} folder
 * @param {string} name
 * @param {Package[]} packages
 */
function describe(folder, name, packages) {
  const versions = Object.fromEntries(packages.map(entry => [entry.name, entry.version]));
  writeFileSync(join(folder, 'image.json'), `${JSON.stringify({ version: 1, name, packages: versions }, null, 1)}\n`);
}
