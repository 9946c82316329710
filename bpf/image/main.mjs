/**
 * `node bpf/image/main.mjs [install | archive | kernel list|install|remove NAME | kernel add | image add LAYER]`: set-up without the rest of npm start;
 * `archive` prints file and name of the lab image for container runtimes.
 * Options: --mirror URL, --offline, --update, --generic (kernel install), --image, --modules, --config (kernel add), --json (kernel list, archive).
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheRoot } from './cache.mjs';
import {
  install,
  installBlazesym,
  installKernel,
  installKernelHeaders,
  installLabLayer,
  installOwnKernel,
  uninstallKernel
} from './install.mjs';
import { readInstalledFile } from './installed-file.mjs';
import { kernelSeries, listKernels } from './kernels.mjs';
import { provideLabArchive } from './lab-archive.mjs';
import { labLayers } from './package-lists.mjs';
import { Progress } from './progress.mjs';
import { StepError } from './step-error.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mirror: { type: 'string' },
    offline: { type: 'boolean' },
    update: { type: 'boolean' },
    generic: { type: 'boolean' },
    image: { type: 'string' },
    modules: { type: 'string' },
    config: { type: 'string' },
    json: { type: 'boolean' }
  }
});
const progress = new Progress();
const options = {
  cache: cacheRoot(),
  progress,
  mirror: values.mirror,
  offline: values.offline ?? false,
  update: values.update ?? false
};

/** @type {Record<string, (options: import('./install.mjs').InstallOptions) => Promise<void>>} */
const layers = {
  blazesym: installBlazesym,
  'kernel-headers': installKernelHeaders,
  ...Object.fromEntries(
    Object.keys(labLayers).map(name => [
      name,
      (/** @type {import('./install.mjs').InstallOptions} */ given) => installLabLayer(given, name)
    ])
  )
};

/** @type {Record<string, (name: string) => Promise<void> | void>} */
const commands = {
  install: async () => {
    await install(options);
  },
  archive: async () => {
    const { file, image } = await provideLabArchive(options);
    process.stdout.write(values.json ? `${JSON.stringify({ version: 1, file, image })}\n` : `${file}\n${image}\n`);
  },
  'kernel list': listCommand,
  'kernel install': async name => {
    const release = await installKernel(options, { series: name, flavour: values.generic ? 'generic' : 'cloud' });
    process.stdout.write(`${release}\n`);
  },
  'kernel add': async () => {
    const { image, modules, config } = values;
    if (!image || !modules)
      throw new StepError('BPFLAB_CONFIG_OPTION', 'kernel add needs --image FILE and --modules FOLDER.');
    const files = { image: resolve(image), modules: resolve(modules), config: config && resolve(config) };
    process.stdout.write(`${await installOwnKernel(options, files)}\n`);
  },
  'image add': async name => {
    const layer = layers[name];
    if (layer === undefined) {
      const message = `There is no layer "${name}"; there are: ${Object.keys(layers).join(', ')}.`;
      throw new StepError('BPFLAB_CONFIG_OPTION', message);
    }
    await layer(options);
  },
  'kernel remove': name => uninstallKernel(options, name)
};

function listCommand() {
  const { default_kernel: chosen } = readInstalledFile(options.cache);
  const installed = listKernels(options.cache).map(({ release, description }) => ({
    release,
    series: description.series,
    flavour: description.flavour,
    default: release === chosen
  }));
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ version: 1, installed, available: kernelSeries })}\n`);
    return;
  }
  for (const kernel of installed) process.stdout.write(`${kernel.release}${kernel.default ? '  (default)' : ''}\n`);
  process.stdout.write(`Can be installed: ${kernelSeries.join(', ')}\n`);
}

try {
  const words = ['kernel', 'image'].includes(positionals[0] ?? '')
    ? positionals.slice(0, 2).join(' ')
    : (positionals[0] ?? 'install');
  const command = commands[words];
  if (!command) throw new StepError('BPFLAB_CONFIG_OPTION', `There is no command "${positionals.join(' ')}".`);
  await command(positionals[2] ?? '');
} catch (error) {
  progress.close();
  if (!(error instanceof StepError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n${error.details ? `${error.details}\n` : ''}`);
  process.exitCode = 1;
}
progress.close();
