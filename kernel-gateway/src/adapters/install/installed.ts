import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isReleaseOf } from '../../core/language/is-release-of.js';
import { LabError } from '../../protocol/index.js';
import { cacheRoot } from './cache-root.js';

const path = z.string().startsWith('/');

/**
 * installed.json of the cache, written part by part by bpf/image. All paths are absolute; ids are hashes of what the
 * part was made from. `erofs`, `modules`: read-only disks; `btf`: raw bytes of the kernel's .BTF section; `initrd`
 * holds the agent of `agent.id`, so its path changes with it.
 */
const installedSchema = z.object({
  version: z.literal(1),
  tools: z.object({ id: z.string(), root: path }),
  lab: z.object({ id: z.string(), root: path, erofs: path }),
  agent: z.object({ id: z.string(), path }),
  kernels: z.array(z.object({ release: z.string(), vmlinux: path, initrd: path, modules: path, btf: path })).min(1),
  default_kernel: z.string()
});

/** See `installedSchema`. */
export type Installed = z.output<typeof installedSchema>;
/** One guest kernel. */
export type InstalledKernel = Installed['kernels'][number];

/**
 * What set-up has made, complete and with every file in its place.
 *
 * @param cache - root of the cache
 * @throws LabError `BPFLAB_IMAGE_MISSING` when a part was not made yet, or was removed
 */
export function readInstalled(cache: string = cacheRoot()): Installed {
  const file = join(cache, 'installed.json');
  const parsed = installedSchema.safeParse(readJson(file));
  if (!parsed.success) {
    const parts = [...new Set(parsed.error.issues.map(issue => String(issue.path[0] ?? 'all')))].join(', ');
    throw new LabError('BPFLAB_IMAGE_MISSING', `Set-up is not complete in ${cache} — missing: ${parts}.`, {
      details: parsed.error.message
    });
  }
  const gone = pathsOf(parsed.data).find(name => !existsSync(name));
  if (gone) throw new LabError('BPFLAB_IMAGE_MISSING', `Set-up is not complete in ${cache} — ${gone} was removed.`);
  return parsed.data;
}

/**
 * The kernel with that release, or the newest whose release begins with it ("6.12"); null: the default one.
 *
 * @throws LabError `BPFLAB_IMAGE_MISSING` when it is not installed
 */
export function findKernel(installed: Installed, release: string | null): InstalledKernel {
  const wanted = release ?? installed.default_kernel;
  const matches = installed.kernels.filter(({ release: name }) => isReleaseOf(name, wanted));
  const kernel = matches.sort((a, b) => a.release.localeCompare(b.release, 'en', { numeric: true })).at(-1);
  if (kernel) return kernel;
  throw new LabError('BPFLAB_IMAGE_MISSING', `The kernel "${wanted}" is not installed.`, {
    hint: `Run npx bpflab kernel install ${wanted}; installed: ${installed.kernels.map(k => k.release).join(', ')}.`
  });
}

function pathsOf({ tools, lab, agent, kernels }: Installed): string[] {
  return [
    tools.root,
    lab.root,
    lab.erofs,
    agent.path,
    ...kernels.flatMap(k => [k.vmlinux, k.initrd, k.modules, k.btf])
  ];
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
