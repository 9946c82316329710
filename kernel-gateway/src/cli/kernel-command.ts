import { Command } from 'commander';
import { runImageSteps } from './run-image-steps.js';

/**
 * `bpflab kernel list|install|remove`: the kernels that a session's microVM can boot. Exit status 1 when refused or
 * failed; `list --json` prints `{ version: 1, installed: [{ release, series, flavour, default }], available: [] }`.
 */
export function kernelCommand(): Command {
  const kernel = new Command('kernel').description('lists, installs and removes kernels of the microVM');
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
    .command('remove')
    .description('removes a kernel that is not the default one')
    .argument('<release>', 'as in the list')
    .action(async (release: string) => runImageSteps(['kernel', 'remove', release]));
  return kernel;
}
