/** kind, Helm and a registry (components/main.go) out of their published Go modules, which `components/go.mod` pins: for tests of what we say about them. */
import { join } from 'node:path';
import { buildFolder } from '../../bpf/image/cache.mjs';
import { goBuildId, goModuleFolder, runGoBuilds } from '../testbed/go-build.mjs';

const source = join(import.meta.dirname, 'components');
const modules = {
  kind: 'sigs.k8s.io/kind',
  registry: '.',
  helm: 'helm.sh/helm/v3/cmd/helm'
};

/** @typedef {keyof typeof modules} ToolName */

/**
 * @param {{ cache: string, progress: import('../../bpf/image/progress.mjs').Progress }} options - cache: its root
 * @param {ToolName} name - of the program
 * @returns {Promise<string>} folder that holds it
 */
export async function provideTool({ cache, progress }, name) {
  const place = join(cache, 'testbed', `${name}-${await goBuildId(source, builds(name, ''))}`);
  const step = progress.step(name);
  const built = await buildFolder(place, folder => runGoBuilds(source, builds(name, folder), step.update));
  if (built) step.done('from its Go module');
  else step.cached();
  return place;
}

/** Folder of kind's own sources: they hold the files of its node images. */
export const kindSources = () => goModuleFolder(source, modules.kind);

/**
 * @param {ToolName} name
 * @param {string} folder
 * @returns {import('../testbed/go-build.mjs').GoBuild[]}
 */
function builds(name, folder) {
  return [[name, { CGO_ENABLED: '0' }, ['-ldflags', '-s -w', '-o', join(folder, name), modules[name]]]];
}
