import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject, V1DaemonSet, V1PodSpec, V1Status } from '@kubernetes/client-node';
import { LabError } from '../../protocol/index.js';
import { AGENT_NAMESPACE, listAgentPods, type AgentPod } from './agent-pods.js';
import { clusterError, type ClusterClient } from './cluster-client.js';
import { POLICY_FILE, POLICY_NAME } from './node-policy.js';

/** In the order in which they are applied; they are removed the other way round. */
const FILES = ['namespace.yaml', 'access.yaml', 'agent.yaml', 'network.yaml'];
const FIELD_MANAGER = 'bpflab';
const POLL_MS = 250;
/** A first try that fails may be the registry's bad moment; these have failed for good, or again. */
const NO_IMAGE = /^(ImagePullBackOff|ErrImageNeverPull|InvalidImageName)/;
const SECONDS = 1000;

/** What `applyAgents` needs. */
export interface AgentsOptions {
  /** Folder of the manifests. */
  manifests: string;
  /** Image of the agents, as nodes know it. */
  image: string;
  /** Files of patches of the DaemonSet, as in `cluster/profiles`; of each, what it says of `nodeSelector` and `securityContext` is taken. */
  patches: string[];
  /** The nodes' policy, JSON as the agents read it; null: the one that is there stays, and so does none. */
  policy: string | null;
  progress: (text: string) => void;
}

/**
 * Applies the manifests (server-side apply, so it may be called again and again), and waits until every node that shall
 * have an agent has one that is ready.
 *
 * @param client - the cluster
 * @param agents - what to apply
 * @param waitMs - for the agents
 * @returns the agents
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE, BPFLAB_CLUSTER_NODE
 */
export async function applyAgents(client: ClusterClient, agents: AgentsOptions, waitMs: number): Promise<AgentPod[]> {
  const { manifests, progress } = agents;
  const { KubernetesObjectApi, PatchStrategy } = await import('@kubernetes/client-node');
  const api = KubernetesObjectApi.makeApiClient(client.config);
  const [namespace, ...others] = await readManifests(manifests);
  const objects = [namespace, ...policyObjects(agents.policy), ...others].filter(one => one !== undefined);
  for (const object of objects) {
    if (object.kind === 'DaemonSet') await tailor(object, agents);
    const name = `${object.kind} ${object.metadata?.name}`;
    progress(`Apply ${name}.`);
    try {
      await api.patch(object, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
    } catch (error) {
      throw clusterError(client, `apply ${name}`, error);
    }
  }
  return waitForAgents(client, { progress, waitMs });
}

/**
 * Removes what `applyAgents` has made, the namespace last, and waits until it is gone.
 *
 * @throws as `applyAgents`
 */
export async function removeAgents(
  client: ClusterClient,
  { manifests, progress }: Pick<AgentsOptions, 'manifests' | 'progress'>,
  waitMs: number
): Promise<void> {
  const { KubernetesObjectApi } = await import('@kubernetes/client-node');
  const api = KubernetesObjectApi.makeApiClient(client.config);
  for (const object of (await readManifests(manifests)).reverse()) {
    const name = `${object.kind} ${object.metadata?.name}`;
    progress(`Remove ${name}.`);
    const removed: Promise<V1Status> = api.delete(object, undefined, undefined, undefined, undefined, 'Foreground');
    await removed.catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 404) throw clusterError(client, `remove ${name}`, error);
    });
  }
  const until = performance.now() + waitMs;
  while (await namespaceExists(client)) {
    if (performance.now() > until)
      throw new LabError(
        'BPFLAB_CLUSTER_REQUEST',
        `Namespace "${AGENT_NAMESPACE}" is still being removed after ${waitMs / SECONDS} s.`
      );
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}

function policyObjects(policy: string | null): (KubernetesObject & { data: Record<string, string> })[] {
  if (policy === null) return [];
  const labels = { 'app.kubernetes.io/part-of': 'bpflab' };
  const metadata = { name: POLICY_NAME, namespace: AGENT_NAMESPACE, labels };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [POLICY_FILE]: policy } }];
}

async function readManifests(folder: string): Promise<KubernetesObject[]> {
  const { loadAllYaml } = await import('@kubernetes/client-node');
  return FILES.flatMap(file => loadAllYaml(readFileSync(join(folder, file), 'utf8')) as KubernetesObject[]);
}

/** Gives the DaemonSet its image, and what the patches say. */
async function tailor(daemonSet: V1DaemonSet, { image, patches }: AgentsOptions): Promise<void> {
  const { loadYaml } = await import('@kubernetes/client-node');
  const pod = podOf(daemonSet);
  for (const container of pod.containers) container.image = image;
  for (const file of patches) {
    const patch = podOf(loadYaml<V1DaemonSet>(readFileSync(file, 'utf8')));
    if (patch.nodeSelector !== undefined) pod.nodeSelector = patch.nodeSelector;
    for (const { name, securityContext } of patch.containers)
      for (const container of pod.containers)
        if (container.name === name && securityContext !== undefined) container.securityContext = securityContext;
  }
}

function podOf(daemonSet: V1DaemonSet): Pick<V1PodSpec, 'containers' | 'nodeSelector'> {
  // A patch need not name containers.
  return { containers: [], ...daemonSet.spec?.template.spec };
}

async function waitForAgents(
  client: ClusterClient,
  { progress, waitMs }: { progress: (text: string) => void; waitMs: number }
): Promise<AgentPod[]> {
  const until = performance.now() + waitMs;
  let told = '';
  for (;;) {
    const [wanted, pods] = await Promise.all([wantedAgents(client), listAgentPods(client)]);
    const late = pods.filter(pod => !pod.isReady);
    if (wanted > 0 && pods.length >= wanted && late.length === 0) return pods;
    const text =
      late.length === 0
        ? `${pods.length} of ${wanted} agents are started.${pods.length < wanted ? await whyNone(client) : ''}`
        : late.map(({ node, reason }) => `Node "${node}": ${reason}.`).join(' ');
    if (text !== told) progress(text);
    told = text;
    const unfetched = late.find(({ reason }) => NO_IMAGE.test(reason));
    if (unfetched !== undefined)
      throw new LabError(
        'BPFLAB_CLUSTER_IMAGE',
        `Node "${unfetched.node}" cannot get the image — ${unfetched.reason}.`
      );
    if (performance.now() > until)
      throw new LabError('BPFLAB_CLUSTER_NODE', `Not every agent is ready after ${waitMs / SECONDS} s — ${text}`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}

/** What refuses the agents' pods (an admission, a quota), in its own words behind a blank; empty when nothing does. */
async function whyNone(client: ClusterClient): Promise<string> {
  try {
    const { items } = await client.core.listNamespacedEvent({
      namespace: AGENT_NAMESPACE,
      fieldSelector: 'involvedObject.kind=DaemonSet,reason=FailedCreate'
    });
    const message = items.at(-1)?.message;
    return message === undefined ? '' : ` ${message}`;
  } catch {
    // It is only the reason; whoever must not read it sees that there are none.
    return '';
  }
}

/** How many nodes shall have an agent of the newest manifest; 0 while the cluster has not counted them. */
async function wantedAgents(client: ClusterClient): Promise<number> {
  const { AppsV1Api } = await import('@kubernetes/client-node');
  try {
    const { metadata, status } = await client.config
      .makeApiClient(AppsV1Api)
      .readNamespacedDaemonSet({ namespace: AGENT_NAMESPACE, name: 'bpflab-agent' });
    const isCounted = status?.observedGeneration === metadata?.generation;
    const isUpdated = (status?.updatedNumberScheduled ?? 0) === (status?.desiredNumberScheduled ?? 0);
    return isCounted && isUpdated ? (status?.desiredNumberScheduled ?? 0) : 0;
  } catch (error) {
    throw clusterError(client, `read the agents of namespace "${AGENT_NAMESPACE}"`, error);
  }
}

async function namespaceExists(client: ClusterClient): Promise<boolean> {
  try {
    await client.core.readNamespace({ name: AGENT_NAMESPACE });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 404) return false;
    throw clusterError(client, `read namespace "${AGENT_NAMESPACE}"`, error);
  }
}
