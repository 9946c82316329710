/** Guest kernels: `kernels/<release>/` holds the uncompressed kernel, its BTF, its modules as a disk, and an initramfs. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildFolder, hashOf, removeTree, writeFileWhole } from './cache.mjs';
import { cpioArchive } from './cpio-archive.mjs';
import { packageKey, recipe } from './install-context.mjs';
import { compressedKernel, elfSection } from './kernel-image.mjs';
import { moduleOrder } from './module-order.mjs';
import { runCommand } from './run-command.mjs';
import { runTool } from './sandbox.mjs';
import { StepError } from './step-error.mjs';

/**
 * @typedef {import('./install-context.mjs').InstallContext} InstallContext
 * @typedef {{ release: string, vmlinux: string, initrd: string, modules: string, btf: string }} Kernel
 * @typedef {{ series: string, flavour: 'cloud' | 'generic' }} KernelChoice
 */

/** The series that can be installed, and where each comes from; `newest` is what backports has at the time. */
const catalog = {
  6.1: { suites: /** @type {const} */ ('bookworm'), suffix: '' },
  6.12: { suites: /** @type {const} */ ('trixie'), suffix: '' },
  newest: { suites: /** @type {const} */ ('trixie'), suffix: '/trixie-backports' }
};

/** Names that `kernel install` takes. */
export const kernelSeries = Object.keys(catalog);

/** Series and flavor of kernels that the user has brought. */
const OWN = 'own';

/** The kernel of every new session. */
const defaultKernel = /** @type {KernelChoice} */ ({ series: '6.12', flavour: 'cloud' });

/**
 * Loaded before the root disk is mounted, or wanted by nearly every lesson. 6.1 has the virtio bus as modules; erofs of the
 * generic flavour asks the crypto layer for crc32c, which no dependency names.
 */
const bootModules = [
  'crc32c_generic',
  'virtio_pci',
  'virtio_console',
  'virtio_blk',
  'erofs',
  'overlay',
  'virtio_net',
  'virtio_rng',
  'veth',
  'dummy',
  'bridge',
  'sch_ingress',
  'cls_bpf',
  'act_bpf',
  'ifb',
  'tun',
  'inet_diag',
  'tcp_diag',
  'udp_diag',
  'unix_diag'
];

/**
 * Fetches and unpacks a kernel. Its initramfs is made by `provideInitramfs`, since that carries the agent.
 *
 * @param {InstallContext} context
 * @param {Promise<{ root: string }>} tools
 * @param {KernelChoice} [choice]
 * @returns {Promise<Omit<Kernel, 'initrd'>>}
 */
export async function provideKernel(context, tools, choice = defaultKernel) {
  const step = context.progress.step(`Kernel ${choice.series}`);
  try {
    const { name: series, suites, suffix } = catalogEntry(choice.series);
    const list = [`linux-image-${choice.flavour === 'cloud' ? 'cloud-' : ''}amd64${suffix}`];
    const packages = await context.providePackages(`kernel-${series}-${choice.flavour}`, list, step, {
      suites,
      keep: name => /^linux-(image|binary|modules|base)-\d/.test(name)
    });
    const image = packages.find(({ name }) => name.startsWith('linux-image-'));
    const release = image?.name.slice('linux-image-'.length) ?? '';
    if (/^\d/.test(choice.series) && !release.startsWith(`${choice.series}.`))
      throw otherSeries(choice.series, release);
    const place = join(context.cache, 'kernels', release);
    const id = hashOf(packageKey(packages), recipe('kernels.mjs', 'kernel-image.mjs'));
    // The folder's name is the release, so a changed recipe shows only in its id.
    if (existsSync(place) && readKernelJson(place)?.id !== id) removeTree(place);
    const { root: toolsRoot } = await tools;
    const built = await buildFolder(place, async folder => {
      step.update('unpack');
      const files = packages.map(({ file }) => join(context.pool, file));
      await unpackKernel({ folder, release, toolsRoot, files });
      writeFileSync(join(folder, 'kernel.json'), `${JSON.stringify({ version: 1, id, release, ...choice })}\n`);
    });
    (built ? step.done : step.cached)(release);
    return kernelFiles(place);
  } catch (error) {
    step.failed();
    throw error;
  }
}

/**
 * @param {string} series - a name of the catalog, or the number of the newest series
 */
function catalogEntry(series) {
  const numbered = /^\d+\.\d+$/.test(series) && !(series in catalog);
  const found = Object.entries(catalog).find(([name]) => name === (numbered ? 'newest' : series));
  if (found) return { name: found[0], ...found[1] };
  throw new StepError(
    'BPFLAB_CONFIG_OPTION',
    `There is no kernel "${series}"; choose from: ${kernelSeries.join(', ')}.`
  );
}

/**
 * @param {string} series
 * @param {string} release
 */
function otherSeries(series, release) {
  return new StepError('BPFLAB_CONFIG_OPTION', `Debian serves no kernel ${series}; the newest is ${release}.`, {
    hint: `Choose from: ${kernelSeries.join(', ')}.`
  });
}

/**
 * Where packages of a series come from: the suites, and what is written behind a package's name.
 *
 * @param {string} series
 */
export const kernelSource = series => catalogEntry(series);

/** @param {string} place */
function kernelFiles(place) {
  const release = place.split('/').at(-1) ?? '';
  return {
    release,
    vmlinux: join(place, 'vmlinux'),
    modules: join(place, 'modules.erofs'),
    btf: join(place, 'vmlinux.btf')
  };
}

/**
 * @param {string} place
 * @returns {{ id: string, release: string, series: string, flavour: string, headers?: boolean } | null}
 */
function readKernelJson(place) {
  try {
    return JSON.parse(readFileSync(join(place, 'kernel.json'), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Kernels that are complete in the cache.
 *
 * @param {string} cache
 */
export function listKernels(cache) {
  const folder = join(cache, 'kernels');
  const names = existsSync(folder) ? readdirSync(folder).filter(name => !name.startsWith('.')) : [];
  return names.flatMap(name => {
    const description = readKernelJson(join(folder, name));
    return description ? [{ ...kernelFiles(join(folder, name)), description }] : [];
  });
}

/**
 * @param {{ folder: string, release: string, toolsRoot: string, files: string[] }} kernel
 */
async function unpackKernel({ folder, release, toolsRoot, files }) {
  const root = join(folder, 'root');
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  await runCommand('ln', ['-s', 'usr/lib', join(root, 'lib')]);
  const script =
    'set -o pipefail; root=$1; shift; for deb; do dpkg-deb --fsys-tarfile "$deb" | ' +
    'tar -x -C "$root" --keep-directory-symlink --no-same-owner --exclude=\'./usr/share/*\'; done';
  await runCommand('bash', ['-c', script, 'unpack', root, ...files], { what: `Unpacking kernel ${release}` });
  const modules = join(root, 'usr/lib/modules', release);
  const image = [join(root, 'boot', `vmlinuz-${release}`), join(modules, 'vmlinuz')].find(path => existsSync(path));
  if (!image) throw new StepError('BPFLAB_IMAGE_BUILD', `The packages of kernel ${release} hold no vmlinuz.`);
  await placeKernel({ folder, release, toolsRoot, image });
  rmSync(join(modules, 'vmlinuz'), { force: true });
  // Where the guest finds it without memory of its own; guest/stage2 makes the name in /boot. From 7.x on it is there.
  const config = join(root, 'boot', `config-${release}`);
  if (existsSync(config)) renameSync(config, join(modules, 'config'));
  await placeModules({ folder, release, toolsRoot });
}

/**
 * Writes `vmlinux` and its BTF.
 *
 * @param {{ folder: string, release: string, toolsRoot: string, image: string }} kernel - image: a bzImage
 */
async function placeKernel({ folder, release, toolsRoot, image }) {
  const vmlinux = await uncompressed(toolsRoot, readFileSync(image));
  const btf = elfSection(vmlinux, '.BTF');
  if (!btf) throw new StepError('BPFLAB_IMAGE_BUILD', `Kernel ${release} has no BTF.`);
  writeFileSync(join(folder, 'vmlinux'), vmlinux);
  writeFileSync(join(folder, 'vmlinux.btf'), btf);
}

/**
 * Makes the disk of the modules that lie below `root`, keeps those of the initramfs, and removes `root`.
 *
 * @param {{ folder: string, release: string, toolsRoot: string }} kernel
 */
async function placeModules({ folder, release, toolsRoot }) {
  const root = join(folder, 'root');
  const modules = join(root, 'usr/lib/modules', release);
  await runTool(toolsRoot, 'usr/sbin/depmod', ['-b', root, release]);
  await runTool(toolsRoot, 'usr/bin/mkfs.erofs', [
    ...['--quiet', '--all-root', '-T0'],
    ...[join(folder, 'modules.erofs'), join(root, 'usr/lib/modules')]
  ]);
  await keepBootModules(toolsRoot, modules, join(folder, 'boot-modules'));
  removeTree(root);
}

/**
 * Takes a kernel that the user has built: `arch/x86/boot/bzImage` and what `make modules_install` made of it. One of the same
 * release is replaced, unless it is Debian's.
 *
 * @param {InstallContext} context
 * @param {string} toolsRoot
 * @param {{ image: string, modules: string, config?: string | undefined }} files - absolute paths; modules: the folder named as the release
 * @returns {Promise<string>} its release
 */
export async function addKernel(context, toolsRoot, { image, modules, config }) {
  const release = basename(modules);
  const step = context.progress.step(`Kernel ${release}`);
  try {
    for (const path of [image, join(modules, 'modules.builtin'), ...(config ? [config] : [])])
      if (!existsSync(path)) throw new StepError('BPFLAB_CONFIG_OPTION', `There is no ${path}.`);
    const place = join(context.cache, 'kernels', release);
    const known = existsSync(place) ? readKernelJson(place)?.series : OWN;
    if (known !== OWN)
      throw new StepError('BPFLAB_CONFIG_OPTION', `Kernel ${release} is installed from Debian's packages.`, {
        hint: 'Give yours a name of its own with LOCALVERSION, and build it again.'
      });
    removeTree(place);
    await buildFolder(place, async folder => {
      step.update('copy');
      const to = join(folder, 'root/usr/lib/modules', release);
      mkdirSync(join(folder, 'root/usr/lib/modules'), { recursive: true });
      symlinkSync('usr/lib', join(folder, 'root/lib'));
      // The links to the source trees lead nowhere in the guest.
      cpSync(modules, to, { recursive: true, filter: from => !/^(build|source)$/.test(relative(modules, from)) });
      if (config) copyFileSync(config, join(to, 'config'));
      await placeKernel({ folder, release, toolsRoot, image });
      await placeModules({ folder, release, toolsRoot });
      const description = { version: 1, id: hashOf(release, statSync(image).mtimeMs), release };
      writeFileSync(
        join(folder, 'kernel.json'),
        `${JSON.stringify({ ...description, series: OWN, flavour: OWN, headers: true })}\n`
      );
    });
    step.done(release);
    return release;
  } catch (error) {
    step.failed();
    throw error;
  }
}

/**
 * @param {string} toolsRoot
 * @param {Buffer} image - a bzImage
 */
async function uncompressed(toolsRoot, image) {
  const { format, payload } = compressedKernel(image);
  return format === 'gzip' ? gunzipSync(payload) : runTool(toolsRoot, `usr/bin/${format}`, ['-dc'], { input: payload });
}

/**
 * Keeps the modules of the initramfs, uncompressed, named in the order of loading.
 *
 * @param {string} toolsRoot
 * @param {string} modules - folder with modules.dep
 * @param {string} out
 */
async function keepBootModules(toolsRoot, modules, out) {
  const text = (/** @type {string} */ name) => readFileSync(join(modules, name), 'utf8');
  const { paths, missing } = moduleOrder(text('modules.dep'), text('modules.builtin'), bootModules);
  const essential = missing.filter(name => ['virtio_blk', 'virtio_console', 'erofs', 'overlay'].includes(name));
  if (essential.length > 0) throw new StepError('BPFLAB_IMAGE_BUILD', `The kernel lacks ${essential.join(', ')}.`);
  mkdirSync(out);
  for (const [index, path] of paths.entries()) {
    const packed = readFileSync(join(modules, path));
    const tool = /\.(xz|zst)$/.exec(path)?.[1];
    const module = tool
      ? await runTool(toolsRoot, tool === 'xz' ? 'usr/bin/xz' : 'usr/bin/zstd', ['-dc'], { input: packed })
      : packed;
    const name = (path.split('/').at(-1) ?? '').replace(/\.ko.*$/, '.ko');
    writeFileSync(join(out, `${String(index).padStart(2, '0')}-${name}`), module);
  }
}

/**
 * Makes the initramfs of a kernel: busybox, modules, the agent, and the scripts in guest/.
 *
 * @param {{ cache: string }} context
 * @param {{ release: string, toolsRoot: string, agent: string }} parts - agent: path of the program
 * @returns {Promise<string>} path of the compressed archive, named by what is in it
 */
export async function provideInitramfs({ cache }, { release, toolsRoot, agent }) {
  const place = join(cache, 'kernels', release);
  const folders = ['bin', 'dev', 'lower', 'modules', 'proc', 'root', 'sys', 'upper'];
  const modules = readdirSync(join(place, 'boot-modules')).sort();
  const guest = (/** @type {string} */ name) => readFileSync(new URL(`guest/${name}`, import.meta.url));
  const archive = cpioArchive([
    ...folders.map(name => ({ name, mode: 0o040755 })),
    { name: 'dev/console', mode: 0o020600, device: [5, 1] },
    { name: 'bin/busybox', mode: 0o100755, data: readFileSync(join(toolsRoot, 'usr/bin/busybox')) },
    { name: 'bpflab-agent', mode: 0o100755, data: readFileSync(agent) },
    { name: 'init', mode: 0o100755, data: guest('init') },
    { name: 'stage2', mode: 0o100755, data: guest('stage2') },
    ...modules.map(name => ({
      name: `modules/${name}`,
      mode: 0o100644,
      data: readFileSync(join(place, 'boot-modules', name))
    }))
  ]);
  const path = join(place, `initrd-${hashOf(archive.toString('latin1'))}.zst`);
  if (!existsSync(path)) {
    writeFileWhole(path, await runTool(toolsRoot, 'usr/bin/zstd', ['-qc', '-3'], { input: archive }));
  }
  return path;
}

/**
 * Removes an installed kernel. The caller holds the install lock.
 *
 * @param {string} cache
 * @param {string} release
 */
export function removeKernel(cache, release) {
  const place = join(cache, 'kernels', release);
  const doomed = join(cache, 'kernels', `.unfinished-${process.pid}-${release}`);
  renameSync(place, doomed);
  removeTree(doomed);
}
