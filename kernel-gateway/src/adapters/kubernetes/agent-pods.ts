import type { V1Pod } from '@kubernetes/client-node';
import { LabError } from '../../protocol/index.js';
import { AGENT_NAMESPACE, clusterError, type ClusterClient } from './cluster-client.js';
import { withPatience } from './with-patience.js';

export { AGENT_NAMESPACE } from './cluster-client.js';
/** Labels of the agents' pods. */
export const AGENT_SELECTOR = 'app.kubernetes.io/name=bpflab-agent';
export const AGENT_CONTAINER = 'agent';

/** The agent of one node. */
export interface AgentPod {
  node: string;
  name: string;
  isReady: boolean;
  /** Why it is not ready, in Kubernetes' words; empty when it is. */
  reason: string;
}

/**
 * The agents of the cluster, by the name of their node.
 *
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function listAgentPods(client: ClusterClient): Promise<AgentPod[]> {
  try {
    const query = { namespace: AGENT_NAMESPACE, labelSelector: AGENT_SELECTOR };
    const { items } = await withPatience(() => client.core.listNamespacedPod(query));
    return items
      .filter(pod => pod.metadata?.deletionTimestamp === undefined && pod.spec?.nodeName !== undefined)
      .map(describePod)
      .sort((a, b) => a.node.localeCompare(b.node));
  } catch (error) {
    throw clusterError(client, `list the pods of namespace "${AGENT_NAMESPACE}"`, error);
  }
}

/**
 * The agent of a node; without a name the first one that is ready.
 *
 * @throws LabError BPFLAB_CLUSTER_NOT_UP, BPFLAB_CLUSTER_NODE and those of `listAgentPods`
 */
export async function findAgentPod(client: ClusterClient, node: string | null): Promise<AgentPod> {
  const pods = await listAgentPods(client);
  if (pods.length === 0)
    throw new LabError('BPFLAB_CLUSTER_NOT_UP', `Cluster "${client.context}" has no agent on any node.`);
  const wanted = node === null ? (pods.find(pod => pod.isReady) ?? pods[0]) : pods.find(pod => pod.node === node);
  if (wanted === undefined) {
    const nodes = pods.map(pod => pod.node).join(', ');
    throw new LabError('BPFLAB_CLUSTER_NODE', `Node "${node}" has no agent; there are agents on ${nodes}.`);
  }
  if (!wanted.isReady)
    throw new LabError('BPFLAB_CLUSTER_NODE', `The agent of node "${wanted.node}" is not ready — ${wanted.reason}.`);
  return wanted;
}

function describePod({ metadata, spec, status }: V1Pod): AgentPod {
  const isReady = (status?.conditions ?? []).some(one => one.type === 'Ready' && one.status === 'True');
  return { node: spec?.nodeName ?? '', name: metadata?.name ?? '', isReady, reason: isReady ? '' : reasonOf(status) };
}

function reasonOf(status: V1Pod['status']): string {
  const state = status?.containerStatuses?.[0]?.state;
  const waiting = state?.waiting ?? state?.terminated;
  const words = [waiting?.reason, waiting?.message].filter(word => word !== undefined && word !== '');
  return words.join(': ') || phaseOf(status?.phase ?? 'it is not started');
}

/** Kubernetes takes its "ready" from all pods of a node that it has not heard of for a while, and leaves them running. */
function phaseOf(phase: string): string {
  return phase === 'Running' ? 'it runs and does not answer; its node may be down' : phase;
}
