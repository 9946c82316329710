import { resolve } from 'node:path';
import { Command } from 'commander';
import { runImageSteps } from './run-image-steps.js';

/**
 * `bpflab kernel list|install|add|remove`: the kernels that a session's microVM can boot. Exit status 1 when refused or
 * failed; `list --json` prints `{ version: 1, installed: [{ release, series, flavour, default }], available: [] }`.
 */
export function kernelCommand(): Command {
  const kernel = new Command('kernel').description('lists, installs, adds and removes kernels of the microVM');
  kernel
    .command('list')
    .description('kernels that are installed, and series that can be')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => runImageSteps(['kernel', 'list', ...(options.json ? ['--json'] : [])]));
  kernel
    .command('install')
    .description('installs a kernel besides the default one')
    .argument('<series>', '6.1, 6.12 or newest')
    .option('--generic', "Debian's generic flavour, with more drivers, instead of the one for clouds")
    .option('--mirror <address>', 'Debian archive to fetch from, such as http://deb.debian.org/debian')
    .option('--offline', 'fetch nothing')
    .action(async (series: string, options: { generic?: true; mirror?: string; offline?: true }) =>
      runImageSteps([
        'kernel',
        'install',
        series,
        ...(options.generic ? ['--generic'] : []),
        ...(options.mirror ? ['--mirror', options.mirror] : []),
        ...(options.offline ? ['--offline'] : [])
      ])
    );
  kernel
    .command('add')
    .description('adds a kernel that you have built')
    .requiredOption('--image <file>', 'arch/x86/boot/bzImage')
    .requiredOption('--modules <folder>', 'lib/modules/RELEASE, as make modules_install made it')
    .option('--config <file>', 'the .config that it was built with')
    .action(async (options: { image: string; modules: string; config?: string }) =>
      runImageSteps([
        ...['kernel', 'add', '--image', resolve(options.image), '--modules', resolve(options.modules)],
        ...(options.config ? ['--config', resolve(options.config)] : [])
      ])
    );
  kernel
    .command('remove')
    .description('removes a kernel that is not the default one')
    .argument('<release>', 'as in the list')
    .action(async (release: string) => runImageSteps(['kernel', 'remove', release]));
  return kernel;
}
