import type { TargetProvider } from '../../core/index.js';
import { ResumableChannel } from '../channel/resumable-channel.js';
import type { PodContainer } from '../../core/pods/pod-container.js';
import { AGENT_NAMESPACE, AGENT_SELECTOR, findAgentPod, type AgentPod } from './agent-pods.js';
import { openCluster, type ClusterClient } from './cluster-client.js';
import { openExecChannel } from './exec-channel.js';
import { FollowedPods } from './followed-pods.js';

/**
 * The `pod:all` target: every node of the cluster that has an agent, as nodes come and go.
 *
 * @param context - of the kubeconfig; null: the current one
 */
export function createNodesTarget(context: string | null): TargetProvider {
  let client: Promise<ClusterClient> | null = null;
  const cluster = (): Promise<ClusterClient> => (client ??= openCluster(context));
  let followed: FollowedPods | null = null;
  const selection = { pod: '', selector: AGENT_SELECTOR, container: '', namespace: AGENT_NAMESPACE };
  return {
    name: 'pod',
    describe: () => 'all nodes of the cluster that have an agent',
    open: () => Promise.reject(new Error('nodes are opened one by one')),
    nodes: {
      follow: async onChange => {
        const nodesOf = (agents: FollowedPods): string[] => [...new Set(agents.containers.map(one => one.node))].sort();
        const agents: FollowedPods = new FollowedPods(await cluster(), selection, () => onChange(nodesOf(agents)));
        await agents.open();
        followed = agents;
        return { nodes: nodesOf(agents), close: () => agents.close() };
      },
      open: async (node, session) => {
        const used = await cluster();
        const known = followed?.containers.find(container => container.node === node);
        const pod = known === undefined ? await findAgentPod(used, node) : podOf(known);
        const first = await openExecChannel(used, pod, [session]);
        const reopen = (after: string): ReturnType<typeof openExecChannel> =>
          openExecChannel(used, pod, [session, '--after', after]);
        return new ResumableChannel({ first, reopen, progress: () => undefined });
      }
    }
  };
}

/** An agent whose container runs; whether it answers is seen when it is asked. */
function podOf({ node, pod }: PodContainer): AgentPod {
  return { node, name: pod, isReady: true, reason: '' };
}
