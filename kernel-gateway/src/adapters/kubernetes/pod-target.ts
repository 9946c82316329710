import type { TargetProvider } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { ResumableChannel } from '../channel/resumable-channel.js';
import { findAgentPod } from './agent-pods.js';
import { openCluster, type ClusterClient } from './cluster-client.js';
import { openExecChannel } from './exec-channel.js';

/** Which node of which cluster. */
export interface PodTargetOptions {
  /** Context of the kubeconfig; null: the current one. */
  context: string | null;
  /** Name of a node; null: the first one whose agent is ready. */
  node: string | null;
}

/**
 * The `pod` target: a session of the agent that runs on a node of a cluster, in the pods of `cluster/manifests`. The API
 * server's exec is the channel; a broken one is taken up again where the worker still runs.
 */
export function createPodTarget({ context, node }: PodTargetOptions): TargetProvider {
  let client: Promise<ClusterClient> | null = null;
  return {
    name: 'pod',
    describe: () => (node === null ? 'a node of the cluster' : `node "${node}" of the cluster`),
    open: async ({ session, signal, progress }) => {
      client ??= openCluster(context);
      const cluster = await client;
      const pod = await findAgentPod(cluster, node);
      progress(`Connect to the agent of node "${pod.node}".`);
      const first = await openExecChannel(cluster, pod, [session]);
      if (signal.aborted) {
        await first.close();
        throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The start was canceled.');
      }
      const reopen = (after: string) => openExecChannel(cluster, pod, [session, '--after', after]);
      return new ResumableChannel({ first, reopen, progress });
    }
  };
}
