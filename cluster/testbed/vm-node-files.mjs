/** What a node in a virtual machine reads and nothing writes: one disk, the same for every cluster. */
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildFolder, hashOf, removeTree } from '../../bpf/image/cache.mjs';
import { InstallContext, packageKey } from '../../bpf/image/install-context.mjs';
import { runTool } from '../../bpf/image/sandbox.mjs';
import { unpackPackages } from '../../bpf/image/unpack.mjs';

/** What kube-proxy and the pods' network need beyond the lab image. */
const packageNames = ['iptables', 'conntrack'];

/**
 * @param {{ cache: string, programs: string, toolsRoot: string, progress: import('../../bpf/image/progress.mjs').Progress }} options -
 *   programs: folder that buildComponents made
 * @returns {Promise<string>} an erofs with `programs/` and `packages/`
 */
export async function buildVmNodeFiles({ cache, programs, toolsRoot, progress }) {
  const scratch = mkdtempSync(join(tmpdir(), 'bpflab-vm-node-'));
  const step = progress.step('Files of the VM node');
  try {
    const context = new InstallContext({ cache, scratch, progress });
    const packages = await context.providePackages('testbed-vm-node', packageNames, step);
    const id = hashOf(basename(programs), packageKey(packages), readFileSync(import.meta.filename, 'utf8'));
    const place = join(cache, 'testbed', `vm-node-${id}`);
    const built = await buildFolder(place, async folder => {
      const root = join(folder, 'root');
      await unpackPackages(join(root, 'packages'), context.pool, packages);
      cpSync(programs, join(root, 'programs'), { recursive: true, verbatimSymlinks: true });
      await runTool(toolsRoot, 'usr/bin/mkfs.erofs', [
        '--quiet',
        '--all-root',
        '-T0',
        join(folder, 'files.erofs'),
        root
      ]);
      removeTree(root);
    });
    (built ? step.done : step.cached)(`${packages.length} packages`);
    return join(place, 'files.erofs');
  } catch (error) {
    step.failed();
    throw error;
  } finally {
    removeTree(scratch);
  }
}
