/** Our kernelspec and labextension below a folder of Jupyter's data. */
import { spawn } from 'node:child_process';
import { cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { languageInfo } from '../../core/kernel/kernel-info.js';
import { LabError } from '../../protocol/index.js';
import { gatewayProgram } from './gateway-program.js';

const { checkout, program } = gatewayProgram;
const extension = join(checkout, 'extension');

const kernelFolder = (data: string): string => join(data, 'kernels/bpflab');
const extensionFolder = (data: string): string => join(data, 'labextensions/@bpflab/extension');

/** What `kernel.json` says; front ends replace `{connection_file}`. */
const kernelspec = {
  argv: [process.execPath, program, 'kernelspec', 'serve', '{connection_file}'],
  display_name: 'eBPF (C)',
  language: languageInfo.name,
  interrupt_mode: 'message',
  metadata: { debugger: false }
};

/**
 * Puts both there, in place of what an earlier installation has left; builds the labextension when it is missing or old.
 *
 * @param data - such as `~/.local/share/jupyter`
 * @returns the folders that it has written
 * @throws LabError BPFLAB_APPLICATION_MISSING when the labextension cannot be built
 */
export async function installKernelspec(data: string): Promise<string[]> {
  await buildLabextension();
  await replaceFolder(kernelFolder(data), async folder => {
    await writeFile(join(folder, 'kernel.json'), `${JSON.stringify(kernelspec, null, 1)}\n`);
    await cp(join(extension, 'app/favicon.svg'), join(folder, 'logo-svg.svg'));
  });
  await replaceFolder(extensionFolder(data), async folder => {
    await cp(join(extension, 'labextension'), folder, { recursive: true });
    const install = {
      packageManager: 'bpflab',
      packageName: 'bpflab',
      uninstallInstructions: 'npx bpflab kernelspec remove'
    };
    await writeFile(join(folder, 'install.json'), `${JSON.stringify(install, null, 1)}\n`);
  });
  return [kernelFolder(data), extensionFolder(data)];
}

/** Removes both; gives the folders that were there. */
export async function removeKernelspec(data: string): Promise<string[]> {
  const removed: string[] = [];
  for (const folder of [kernelFolder(data), extensionFolder(data)]) {
    if (!(await stat(folder).catch(() => null))) continue;
    await rm(folder, { recursive: true });
    removed.push(folder);
  }
  return removed;
}

/** A front end that starts meanwhile sees the old folder or the new one. */
async function replaceFolder(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const fresh = `${target}.${process.pid}.new`;
  await mkdir(dirname(target), { recursive: true });
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh);
  await fill(fresh);
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
}

/** The build looks itself whether there is something to do. */
async function buildLabextension(): Promise<void> {
  const command = [join(extension, 'app/build-labextension.mjs')];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
  const status = await new Promise(resolve => child.on('close', resolve));
  if (status !== 0) {
    throw new LabError('BPFLAB_APPLICATION_MISSING', 'The labextension was not built.', { details: text });
  }
}
