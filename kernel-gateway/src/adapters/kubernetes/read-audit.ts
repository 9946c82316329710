import { parseAuditLines, type AuditLine } from '../../core/policy/audit-table.js';
import { AGENT_CONTAINER, AGENT_NAMESPACE, listAgentPods } from './agent-pods.js';
import { clusterError, type ClusterClient } from './cluster-client.js';
import { httpStatus } from './with-patience.js';

/**
 * The audit lines of all agents, as far as the nodes have kept their logs, in order of time. An agent that was started anew in its
 * pod has those of before too.
 *
 * @param client - the cluster
 * @param sinceS - only what is not older, in seconds; null: all
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function readAuditLines(client: ClusterClient, sinceS: number | null): Promise<AuditLine[]> {
  const pods = await listAgentPods(client);
  const logs = await Promise.all(pods.flatMap(({ name }) => [true, false].map(previous => logOf(name, previous))));
  return parseAuditLines(logs.join('\n'));

  async function logOf(name: string, previous: boolean): Promise<string> {
    const since = sinceS === null ? {} : { sinceSeconds: sinceS };
    const which = { name, namespace: AGENT_NAMESPACE, container: AGENT_CONTAINER, previous, ...since };
    try {
      return await client.core.readNamespacedPodLog(which);
    } catch (error) {
      // Its container is the first of its pod, or there is none yet.
      if (httpStatus(error) === 400) return '';
      throw clusterError(client, `read the log of pod "${name}"`, error);
    }
  }
}
