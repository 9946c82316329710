import { LabError } from '../../../protocol/index.js';
import { currentContext, setCurrentContext } from './current-context.js';
import { readKindNote, removeKindNote, writeKindNote } from './kind-note.js';
import { checkKind, runKind, type KindPrograms } from './run-kind.js';

/** A kind cluster by its name, and where we note what we make. */
export interface KindPlace extends KindPrograms {
  /** Root of the cache. */
  cache: string;
  name: string;
}

/** What a new one is made of. */
export interface KindSize {
  workers: number;
  /** Image of the nodes; null: the one that this kind comes with. */
  nodeImage: string | null;
}

/** An image for the nodes. */
export interface KindImage {
  /** With its tag, as the archive names it. */
  name: string;
  /** File that `ctr images import` takes. */
  archive: string;
}

/** Context that kind writes into the kubeconfig. */
export const kindContext = (name: string): string => `kind-${name}`;

/**
 * Makes the cluster be there. One that we began and did not end is removed and made anew; one that somebody else made is
 * used as it is, and never removed by us.
 *
 * @throws LabError BPFLAB_KIND_MISSING, BPFLAB_KIND_FAILED
 */
export async function provideKindCluster(place: KindPlace, size: KindSize): Promise<void> {
  const { cache, name, progress } = place;
  await checkKind(place);
  let exists = await kindClusterExists(place);
  if (exists && readKindNote(cache, name)?.state === 'making') {
    progress(`The last start of cluster "${name}" was interrupted: remove what there is of it.`);
    await removeKindCluster(place);
    exists = false;
  }
  if (!exists) await makeCluster(place, size);
  else {
    progress(`Cluster "${name}" exists already, and is used as it is.`);
    await runKind(place, { command: 'kind', words: ['export', 'kubeconfig', '--name', name] });
  }
}

/**
 * Removes a cluster that we made, with its network and its entries in the kubeconfig, whose current context is again the
 * one of before.
 *
 * @returns whether there was one of ours
 * @throws LabError BPFLAB_KIND_MISSING, BPFLAB_KIND_FAILED
 */
export async function removeKindCluster(place: KindPlace): Promise<boolean> {
  const { cache, name, progress, env } = place;
  const note = readKindNote(cache, name);
  if (note === null) return false;
  await checkKind(place);
  progress(`Remove kind cluster "${name}".`);
  await runKind(place, { command: 'kind', words: ['delete', 'cluster', '--name', name] });
  // Another cluster of kind may be in it meanwhile: then Docker refuses, and it stays.
  if (note.hasMadeNetwork)
    await runKind(place, { command: 'docker', words: ['network', 'rm', 'kind'] }).catch(() => undefined);
  if (note.formerContext !== null && currentContext(env) === null) setCurrentContext(env, note.formerContext);
  removeKindNote(cache, name);
  return true;
}

/** Whether kind has a cluster of that name, whoever made it. */
async function kindClusterExists(place: KindPlace): Promise<boolean> {
  const listed = await runKind(place, { command: 'kind', words: ['get', 'clusters'] });
  return listed.split('\n').includes(place.name);
}

/**
 * Gives an image to every node that lacks it; a control plane beside workers takes no agents, and needs none.
 *
 * @throws LabError BPFLAB_KIND_FAILED
 */
export async function loadKindImage(place: KindPlace, image: KindImage): Promise<void> {
  const listed = await runKind(place, { command: 'kind', words: ['get', 'nodes', '--name', place.name] });
  const nodes = listed.split('\n').filter(node => node !== '');
  const workers = nodes.filter(node => !/-control-plane\d*$/.test(node));
  const lacking: string[] = [];
  for (const node of workers.length > 0 ? workers : nodes) {
    const words = ['exec', node, 'ctr', '--namespace=k8s.io', 'images', 'ls', '--quiet'];
    const there = await runKind(place, { command: 'docker', words });
    if (!there.split('\n').includes(image.name)) lacking.push(node);
  }
  if (lacking.length === 0) return;
  place.progress(`Load the lab image into ${lacking.join(', ')}.`);
  const words = ['load', 'image-archive', image.archive, '--name', place.name, '--nodes', lacking.join(',')];
  await runKind(place, { command: 'kind', words });
}

async function makeCluster(place: KindPlace, { workers, nodeImage }: KindSize): Promise<void> {
  const { cache, name, env, progress } = place;
  const networks = await runKind(place, { command: 'docker', words: ['network', 'ls', '--format', '{{.Name}}'] });
  const note = {
    ...({ version: 1, name, formerContext: currentContext(env) } as const),
    hasMadeNetwork: !networks.split('\n').includes('kind')
  };
  writeKindNote(cache, { ...note, state: 'making' });
  progress(`Make kind cluster "${name}" with ${workers} ${workers === 1 ? 'worker' : 'workers'}.`);
  const words = ['create', 'cluster', '--name', name, '--config', '-'];
  if (nodeImage !== null) words.push('--image', nodeImage);
  const onLine = (line: string): void => {
    const step = kindStep(line);
    if (step !== null) progress(step);
  };
  try {
    await runKind(place, { command: 'kind', words, input: kindConfiguration(workers), onLine });
  } catch (error) {
    // kind removes the nodes of a start that failed, and we our note; an interrupted one keeps both.
    if (error instanceof LabError) await removeKindCluster(place);
    throw error;
  }
  writeKindNote(cache, { ...note, state: 'made' });
}

/** A step that kind announces (" • Preparing nodes 📦 📦  ..."), as a sentence; null for its other lines. */
export function kindStep(line: string): string | null {
  const text = /^ • (.+?)\s*\.\.\.\s*$/
    .exec(line)?.[1]
    ?.replace(/[^\x20-\x7e]/gu, '')
    .trim();
  return text === undefined || text === '' ? null : `kind: ${text}.`;
}

function kindConfiguration(workers: number): string {
  const roles = ['control-plane', ...Array.from({ length: workers }, () => 'worker')];
  const nodes = roles.map(role => ({ role }));
  // JSON is YAML.
  return JSON.stringify({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', nodes });
}
