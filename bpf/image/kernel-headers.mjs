/** Headers of the guests' kernels, on the disk of their modules: for bcc, which compiles on the target. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from './cache.mjs';
import { kernelSource, listKernels } from './kernels.mjs';
import { runCommand } from './run-command.mjs';
import { runTool } from './sandbox.mjs';
import { StepError } from './step-error.mjs';

/**
 * Puts the headers of a kernel where programs look for them: `/lib/modules/<release>/build` and `source`.
 *
 * @param {import('./install-context.mjs').InstallContext} context
 * @param {string} toolsRoot
 * @param {ReturnType<typeof listKernels>[number]} kernel
 */
async function provideKernelHeaders(context, toolsRoot, { release, modules, description }) {
  const step = context.progress.step(`Headers ${release.split('-')[0] ?? release}`);
  const place = join(context.cache, 'kernels', release);
  try {
    if (description.headers === true) {
      step.cached(release);
      return;
    }
    const { suites, suffix } = kernelSource(description.series);
    const packages = await context.providePackages(
      `headers-${release.replaceAll('+', '-')}`,
      [`linux-headers-${release}${suffix}`],
      step,
      { suites, keep: name => /^linux-headers-\d/.test(name) }
    );
    step.update('unpack');
    const work = mkdtempSync(join(context.cache, 'kernels', '.unfinished-headers-'));
    try {
      const tree = join(work, 'modules');
      mkdirSync(join(work, 'root'));
      await runTool(toolsRoot, 'usr/bin/fsck.erofs', [`--extract=${tree}`, '--no-preserve', modules]);
      for (const { file } of packages) await unpackDeb(join(context.pool, file), join(work, 'root'));
      placeHeaders(join(work, 'root/usr/src'), join(tree, release), release);
      const disk = join(work, 'modules.erofs');
      await runTool(toolsRoot, 'usr/bin/mkfs.erofs', ['--quiet', '--all-root', '-T0', disk, tree]);
      renameSync(disk, modules);
    } finally {
      removeTree(work);
    }
    const file = join(place, 'kernel.json');
    writeFileSync(file, `${JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), headers: true })}\n`);
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
 * Debian splits what is common to all flavours from what is generated for one.
 *
 * @param {string} from - usr/src of the packages
 * @param {string} to - modules of the release
 * @param {string} release
 */
function placeHeaders(from, to, release) {
  const names = readdirSync(from);
  const own = names.find(name => name === `linux-headers-${release}`);
  const common = names.find(name => name.endsWith('-common'));
  if (own === undefined || common === undefined)
    throw new StepError('BPFLAB_IMAGE_BUILD', `The headers of kernel ${release} are not where Debian puts them.`, {
      details: names.join(' ')
    });
  for (const name of ['build', 'source']) if (existsSync(join(to, name))) removeTree(join(to, name));
  renameSync(join(from, own), join(to, 'build'));
  renameSync(join(from, common), join(to, 'source'));
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
