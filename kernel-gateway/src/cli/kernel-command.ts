import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

/** The steps that make images and kernels; plain Node, so that npm start can run them before anything is built. */
const imageSteps = fileURLToPath(new URL('../../../bpf/image/main.mjs', import.meta.url));

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
    .action(async (options: { json?: true }) => runSteps(['list', ...(options.json ? ['--json'] : [])]));
  kernel
    .command('install')
    .description('installs a kernel besides the default one')
    .argument('<series>', '6.1, 6.12 or newest')
    .option('--generic', "Debian's generic flavour, with more drivers, instead of the one for clouds")
    .option('--mirror <address>', 'Debian archive to fetch from, such as http://deb.debian.org/debian')
    .option('--offline', 'fetch nothing')
    .action(async (series: string, options: { generic?: true; mirror?: string; offline?: true }) =>
      runSteps([
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
    .action(async (release: string) => runSteps(['remove', release]));
  return kernel;
}

/** Sets the exit status to that of the steps. */
async function runSteps(parameters: string[]): Promise<void> {
  const child = spawn(process.execPath, [imageSteps, 'kernel', ...parameters], { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', status => resolve(status ?? 1));
  });
}
