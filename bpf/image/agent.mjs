import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { provideEntry, recipe } from './install-context.mjs';
import { runInImage } from './sandbox.mjs';

const sources = fileURLToPath(new URL('../agent', import.meta.url));

/**
 * Builds bpf/agent with the compiler and libbpf of the lab image.
 *
 * @param {import('./install-context.mjs').InstallContext} context
 * @param {{ toolsRoot: string, lab: { id: string, root: string } }} images
 * @returns {Promise<{ id: string, path: string }>}
 */
export async function provideAgent(context, { toolsRoot, lab }) {
  const step = context.progress.step('Agent');
  try {
    const files = readdirSync(sources).filter(name => /\.[ch]$|^Makefile$/.test(name));
    const texts = files.sort().map(name => [name, readFileSync(join(sources, name), 'utf8')]);
    const key = ['agent', texts, lab.id, recipe('agent.mjs')];
    const { id, place, built } = await provideEntry(context.cache, 'agent', key, async folder => {
      step.update('compile');
      // Without debug information it is a third smaller, in every guest's memory.
      const script = 'make -s -j"$(nproc)" -C /src OUT=/mnt && strip -g /mnt/bpflab-agent && rm -r /mnt/obj';
      const readOnly = { [sources]: '/src' };
      const place = { image: lab.root, readOnly, binds: { [folder]: '/mnt' }, cwd: '/src' };
      await runInImage(toolsRoot, place, ['sh', '-c', script], { what: 'Building the agent' });
    });
    (built ? step.done : step.cached)(`${files.length} files`);
    return { id, path: join(place, 'bpflab-agent') };
  } catch (error) {
    step.failed();
    throw error;
  }
}
