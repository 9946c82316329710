/** Headers of the guests' kernels, on the disk of their modules: for bcc and for modules, which are compiled on the target. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, removeTree } from './cache.mjs';
import { recipe } from './install-context.mjs';
import { kernelSource, listKernels } from './kernels.mjs';
import { runCommand } from './run-command.mjs';
import { runTool } from './sandbox.mjs';
import { StepError } from './step-error.mjs';

/** What of the packages is unpacked: the headers, and the programs with which modules are built. */
const WANTED = /^linux-(headers|kbuild)-\d/;

/**
 * Puts the headers of a kernel where programs look for them: `/lib/modules/<release>/build` and `source`, with the programs
 * that build modules in `kbuild` beside them.
 *
 * @param {import('./install-context.mjs').InstallContext} context
 * @param {string} toolsRoot
 * @param {ReturnType<typeof listKernels>[number]} kernel
 */
async function provideKernelHeaders(context, toolsRoot, { release, modules, description }) {
  const step = context.progress.step(`Headers ${release.split('-')[0] ?? release}`);
  const place = join(context.cache, 'kernels', release);
  const idFile = join(place, 'headers.id');
  const id = hashOf(release, recipe('kernel-headers.mjs'));
  try {
    if (textOf(idFile) === id) {
      step.cached(release);
      return;
    }
    const { suites, suffix } = kernelSource(description.series);
    const packages = await context.providePackages(
      `module-headers-${release.replaceAll('+', '-')}`,
      [`linux-headers-${release}${suffix}`],
      step,
      { suites, keep: name => WANTED.test(name) }
    );
    step.update('unpack');
    const work = mkdtempSync(join(context.cache, 'kernels', '.unfinished-headers-'));
    try {
      const tree = join(work, 'modules');
      mkdirSync(join(work, 'root'));
      await runTool(toolsRoot, 'usr/bin/fsck.erofs', [`--extract=${tree}`, '--no-preserve', modules]);
      for (const { file } of packages) await unpackDeb(join(context.pool, file), join(work, 'root'));
      placeHeaders(join(work, 'root/usr'), join(tree, release), release);
      const disk = join(work, 'modules.erofs');
      await runTool(toolsRoot, 'usr/bin/mkfs.erofs', ['--quiet', '--all-root', '-T0', disk, tree]);
      renameSync(disk, modules);
    } finally {
      removeTree(work);
    }
    writeFileSync(idFile, id);
    step.done(release);
  } catch (error) {
    step.failed();
    throw error;
  }
}

/**
 * @param {string} deb
 * @param {string} root
 */
async function unpackDeb(deb, root) {
  const script = 'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --no-same-owner';
  await runCommand('bash', ['-c', script, 'unpack', deb, root], { what: 'Unpacking kernel headers' });
}

/**
 * Debian splits what is common to all flavours from what is generated for one, and names them in each other by where its
 * packages lie.
 *
 * @param {string} from - usr of the packages
 * @param {string} to - modules of the release
 * @param {string} release
 */
function placeHeaders(from, to, release) {
  const names = [...readdirSync(join(from, 'src')), ...readdirSync(join(from, 'lib'))];
  const own = names.find(name => name === `linux-headers-${release}`);
  const common = names.find(name => name.endsWith('-common'));
  const kbuild = readdirSync(join(from, 'lib')).find(name => name.startsWith('linux-kbuild-'));
  if (own === undefined || common === undefined || kbuild === undefined)
    throw new StepError('BPFLAB_IMAGE_BUILD', `The headers of kernel ${release} are not where Debian puts them.`, {
      details: names.join(' ')
    });
  for (const name of ['build', 'source', 'kbuild']) removeTree(join(to, name));
  renameSync(join(from, 'src', own), join(to, 'build'));
  renameSync(join(from, 'src', common), join(to, 'source'));
  renameSync(join(from, 'lib', kbuild), join(to, 'kbuild'));
  for (const link of ['build/scripts', 'build/tools', 'source/scripts', 'source/tools']) {
    removeTree(join(to, link));
    symlinkSync(`../kbuild/${link.split('/')[1]}`, join(to, link));
  }
  const makefile = join(to, 'build/Makefile');
  // Since 6.13 it names the folder of the flavour too.
  const text = readFileSync(makefile, 'utf8')
    .replaceAll(`/usr/src/${common}`, `/lib/modules/${release}/source`)
    .replaceAll(`/usr/src/${own}`, `/lib/modules/${release}/build`);
  writeFileSync(makefile, text);
}

/** @param {string} file - empty when there is none */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Headers for all kernels that are installed.
 *
 * @param {import('./install-context.mjs').InstallContext} context
 * @param {string} toolsRoot
 */
export async function provideAllHeaders(context, toolsRoot) {
  for (const kernel of listKernels(context.cache)) await provideKernelHeaders(context, toolsRoot, kernel);
}
