import { readFileSync } from 'node:fs';
import { LabError, policyFileSchema } from '../../protocol/index.js';
import { AGENT_NAMESPACE, clusterError, type ClusterClient } from './cluster-client.js';
import { httpStatus } from './with-patience.js';

/** The ConfigMap of the policy, and its key: the file that agents read (cluster/manifests/agent.yaml). */
export const POLICY_NAME = 'bpflab-policy';
export const POLICY_FILE = 'policy.json';

/**
 * Reads a policy that somebody has written, YAML or JSON (docs/reference/policy.md).
 *
 * @returns JSON as the agents read it
 * @throws LabError BPFLAB_POLICY_INVALID
 */
export async function readPolicyFile(file: string): Promise<string> {
  const { loadYaml } = await import('@kubernetes/client-node');
  let value: unknown;
  try {
    value = loadYaml(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LabError('BPFLAB_POLICY_INVALID', `The policy "${file}" cannot be read — ${(error as Error).message}.`, {
      cause: error
    });
  }
  const parsed = policyFileSchema.safeParse(value);
  if (parsed.success) return JSON.stringify(parsed.data, null, 2);
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the file';
  throw new LabError('BPFLAB_POLICY_INVALID', `The policy "${file}" is wrong: ${where}: ${issue?.message ?? ''}.`);
}

/**
 * The policy that the cluster has.
 *
 * @returns its JSON; null: there is none
 * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function readClusterPolicy(client: ClusterClient): Promise<string | null> {
  try {
    const { data } = await client.core.readNamespacedConfigMap({ name: POLICY_NAME, namespace: AGENT_NAMESPACE });
    return data?.[POLICY_FILE] ?? null;
  } catch (error) {
    if (httpStatus(error) === 404) return null;
    throw clusterError(client, `get configmap "${POLICY_NAME}" of namespace "${AGENT_NAMESPACE}"`, error);
  }
}
