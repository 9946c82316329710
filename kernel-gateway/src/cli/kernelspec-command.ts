import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { jupyterDataFolder } from '../adapters/runtime/jupyter-data-folder.js';
import { LabError } from '../protocol/index.js';
import { ExitStatus } from './exit-status.js';

interface Place {
  user?: true;
  sysPrefix?: true;
  prefix?: string;
}

/**
 * `bpflab kernelspec install|remove`: puts the kernel and the prebuilt labextension where other Jupyter front ends look;
 * `kernelspec serve` is what they start then.
 */
export function kernelspecCommand(): Command {
  const kernelspec = new Command('kernelspec').description('makes the kernel known to other Jupyter front ends');
  const withPlace = (command: Command): Command =>
    command
      .option('--user', "this user's Jupyter data folder; it is the default, and $JUPYTER_DATA_DIR is honored")
      .option('--sys-prefix', 'the Python environment that is active')
      .option('--prefix <folder>', 'below this folder, in share/jupyter');
  withPlace(kernelspec.command('install').description('installs kernelspec and labextension')).action(install);
  withPlace(kernelspec.command('remove').description('removes what install has put there')).action(remove);
  kernelspec
    .command('serve', { hidden: true })
    .argument('<connection-file>')
    .action(async (connectionFile: string) => {
      process.exitCode = await serve(connectionFile);
      // Sockets of a front end that is gone must not keep the process.
      setTimeout(() => process.exit(), 2000).unref();
    });
  return kernelspec;
}

async function install(place: Place): Promise<void> {
  const { installKernelspec } = await import('../adapters/runtime/install-kernelspec.js');
  for (const path of await installKernelspec(dataFolder(place))) console.log(path);
}

async function remove(place: Place): Promise<void> {
  const { removeKernelspec } = await import('../adapters/runtime/install-kernelspec.js');
  for (const path of await removeKernelspec(dataFolder(place))) console.log(path);
}

async function serve(connectionFile: string): Promise<number> {
  const { serveKernel } = await import('../adapters/zeromq/serve-kernel.js');
  const { gatewayProgram } = await import('../adapters/runtime/gateway-program.js');
  try {
    const ending = await serveKernel(connectionFile, gatewayProgram);
    return ending === 'asked' ? ExitStatus.ok : ExitStatus.target;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    console.error([`${error.code}: ${error.message}`, error.hint, error.details].filter(Boolean).join('\n'));
    return ExitStatus.target;
  }
}

function dataFolder({ user, sysPrefix, prefix }: Place): string {
  if ([user, sysPrefix, prefix].filter(Boolean).length > 1) {
    throw new LabError('BPFLAB_CONFIG_OPTION', 'Only one of --user, --sys-prefix and --prefix can be given.');
  }
  return jupyterDataFolder(prefix ?? (sysPrefix ? pythonPrefix() : null));
}

/** `sys.prefix` of the Python that is first in the path. */
function pythonPrefix(): string {
  const { stdout, status } = spawnSync('python3', ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' });
  if (status !== 0)
    throw new LabError('BPFLAB_CONFIG_OPTION', 'There is no python3 in the path to take the prefix of.');
  return stdout.trim();
}
