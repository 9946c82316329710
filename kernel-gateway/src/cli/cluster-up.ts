import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot } from '../adapters/install/cache-root.js';
import type { AgentPod } from '../adapters/kubernetes/agent-pods.js';
import { applyAgents, removeAgents, type AgentsOptions } from '../adapters/kubernetes/cluster-agents.js';
import { openCluster } from '../adapters/kubernetes/cluster-client.js';
import { currentContext } from '../adapters/kubernetes/kind/current-context.js';
import {
  kindContext,
  loadKindImage,
  provideKindCluster,
  removeKindCluster,
  type KindPlace
} from '../adapters/kubernetes/kind/kind-cluster.js';
import { readPolicyFile } from '../adapters/kubernetes/node-policy.js';
import { parseImageReference } from '../adapters/kubernetes/registry/image-reference.js';
import { pushArchive } from '../adapters/kubernetes/registry/push-archive.js';
import { LabError } from '../protocol/index.js';
import { provideLabArchive } from './lab-archive.js';

const WAIT_MS = 180_000;

/** Options of `bpflab cluster up`, as commander gives them. */
export interface ClusterUpOptions {
  context?: string;
  /** true: the cluster with our own name. */
  kind?: string | true;
  workers: number;
  nodeImage?: string;
  image?: string;
  /** `HOST/NAME[:TAG]`. */
  push?: string;
  profile: 'privileged' | 'minimal-caps';
  labeledNodes?: true;
  /** File of the nodes' policy. */
  policy?: string;
}

type Told = Pick<AgentsOptions, 'manifests' | 'progress'>;

const profiles = fileURLToPath(new URL('../../../cluster/profiles', import.meta.url));

/** Name of the kind cluster that we make when none is said. */
const OWN_NAME = 'bpflab';

/**
 * Brings a cluster up: makes the kind cluster when that is asked for, gives the lab image to its nodes, applies the
 * manifests, waits for the agents. May be repeated, and after an interrupt goes on.
 *
 * @returns context of the kubeconfig, and the agents
 * @throws LabError
 */
export async function clusterUp(
  options: ClusterUpOptions,
  told: Told
): Promise<{ context: string; agents: AgentPod[] }> {
  const kind = kindNameOf(options);
  // What cannot be read is said before anything is made.
  const policy = options.policy === undefined ? null : await readPolicyFile(options.policy);
  if (kind !== null && options.kind !== undefined) await makeKindCluster(kind, options, told);
  const image = options.image ?? (await provideImage(kind, options, told));
  const client = await openCluster(kind === null ? (options.context ?? null) : kindContext(kind));
  const agents = await applyAgents(client, { ...told, image, patches: patchesOf(options), policy }, WAIT_MS);
  return { context: client.context, agents };
}

/**
 * Removes the agents, and the kind cluster when we have made it.
 *
 * @throws LabError
 */
export async function clusterDown(options: Pick<ClusterUpOptions, 'context' | 'kind'>, told: Told): Promise<void> {
  const kind = kindNameOf(options);
  if (kind !== null && (await removeKindCluster(kindPlace(kind, told)))) return;
  const context = kind === null ? (options.context ?? null) : kindContext(kind);
  await removeAgents(await openCluster(context), told, WAIT_MS);
}

/** Of the option, else of the context, which kind names `kind-NAME`; null: it is not kind's. */
function kindNameOf({ kind, context }: Pick<ClusterUpOptions, 'context' | 'kind'>): string | null {
  if (kind !== undefined) {
    if (context !== undefined)
      throw new LabError('BPFLAB_CONFIG_OPTION', '--kind and --context name two clusters; say one of them.');
    return kind === true ? OWN_NAME : kind;
  }
  return /^kind-(.+)$/.exec(context ?? currentContext(process.env) ?? '')?.[1] ?? null;
}

function makeKindCluster(name: string, { workers, nodeImage }: ClusterUpOptions, told: Told): Promise<void> {
  return provideKindCluster(kindPlace(name, told), { workers, nodeImage: nodeImage ?? null });
}

/** Brings the lab image to where the nodes get it from; its name there. */
async function provideImage(kind: string | null, { push }: ClusterUpOptions, told: Told): Promise<string> {
  if (push !== undefined) return pushLabImage(push, told.progress);
  if (kind === null)
    throw new LabError('BPFLAB_CLUSTER_IMAGE', 'The nodes of this cluster have no lab image: it is not one of kind.');
  const { file, image } = await provideLabArchive();
  await loadKindImage(kindPlace(kind, told), { name: image, archive: file });
  return image;
}

/**
 * Puts the lab image into a registry, under its own tag when none is said.
 *
 * @returns its name by digest
 * @throws LabError BPFLAB_CONFIG_OPTION, BPFLAB_REGISTRY_PUSH, BPFLAB_IMAGE_BUILD
 */
export async function pushLabImage(reference: string, progress: (text: string) => void): Promise<string> {
  // What cannot be read is said before anything is packed.
  parseImageReference(reference, 'latest');
  const { file, image } = await provideLabArchive();
  const place = parseImageReference(reference, image.slice(image.lastIndexOf(':') + 1));
  return pushArchive({ archive: file, place, env: process.env, progress });
}

function patchesOf({ profile, labeledNodes }: ClusterUpOptions): string[] {
  const names = [...(profile === 'privileged' ? [] : [profile]), ...(labeledNodes ? ['labeled-nodes'] : [])];
  return names.map(name => join(profiles, name, 'agent.yaml'));
}

function kindPlace(name: string, { progress }: Told): KindPlace {
  return { name, cache: cacheRoot(), env: process.env, progress };
}
