import type { CoreV1Api, Exec, KubeConfig, V1Status } from '@kubernetes/client-node';
import { missingPermission } from '../../core/pods/missing-permission.js';
import { LabError } from '../../protocol/index.js';
import { httpStatus } from './with-patience.js';

const CERTIFICATE_HINT =
  'The certificate authority of your kubeconfig is not the one of this server: take a new kubeconfig from who runs it.';
/** Where `cluster/manifests` put the agents. */
export const AGENT_NAMESPACE = 'bpflab';

/** The one cluster that a gateway uses, as its kubeconfig says. */
export interface ClusterClient {
  /** Name of the kubeconfig's context. */
  readonly context: string;
  readonly server: string;
  /** Namespace of the context. */
  readonly namespace: string;
  readonly core: CoreV1Api;
  /** A fresh one for each command: it keeps the state of its terminal. */
  newExec(): Exec;
  readonly config: KubeConfig;
}

/**
 * Reads the kubeconfig as kubectl does: `KUBECONFIG`, else `~/.kube/config`, else the service account of the pod we are in.
 * The library is loaded here, and not before: it is large.
 *
 * @param context - null: the current one
 * @throws LabError BPFLAB_CLUSTER_CONFIG
 */
export async function openCluster(context: string | null): Promise<ClusterClient> {
  const { CoreV1Api, Exec, KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
    if (context !== null) config.setCurrentContext(context);
  } catch (error) {
    throw new LabError('BPFLAB_CLUSTER_CONFIG', `The kubeconfig cannot be read — ${(error as Error).message}.`, {
      cause: error
    });
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster.server === 'http://localhost:8080') {
    const what = context === null ? 'no kubeconfig names a cluster' : `there is no context "${context}"`;
    throw new LabError('BPFLAB_CLUSTER_CONFIG', `There is no cluster to use: ${what}.`);
  }
  return {
    context: config.getCurrentContext(),
    server: cluster.server,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    core: config.makeApiClient(CoreV1Api),
    newExec: () => new Exec(config),
    config
  };
}

/**
 * What a failed call to the API server means to its user.
 *
 * @param client - that made the call
 * @param what - was done, such as `list the pods of namespace "bpflab"`
 * @param error - as the library threw it
 */
export function clusterError(client: ClusterClient, what: string, error: unknown): LabError {
  if (error instanceof LabError) return error;
  const { body } = error as { body?: unknown };
  const code = httpStatus(error);
  const options = { cause: error };
  if (code === 401)
    return new LabError('BPFLAB_CLUSTER_ACCESS', `${client.server} does not know who we are: cannot ${what}.`, {
      ...options,
      hint: 'The token or certificate of your kubeconfig is wrong or has expired: log in to the cluster again.'
    });
  if (code === 403) {
    const reason = statusMessage(body) || 'it is forbidden';
    const hint = missingPermission(reason, AGENT_NAMESPACE);
    return new LabError('BPFLAB_CLUSTER_ACCESS', `Cannot ${what} — ${reason}.`, { ...options, hint });
  }
  if (code !== null)
    return new LabError(
      'BPFLAB_CLUSTER_REQUEST',
      `Cannot ${what} — ${statusMessage(body) || `status ${code}`}.`,
      options
    );
  const cause = causeOf(error);
  return new LabError('BPFLAB_CLUSTER_UNREACHABLE', `Cannot ${what} at ${client.server} — ${cause}.`, {
    ...options,
    ...(/certificate|altnames/i.test(cause) ? { hint: CERTIFICATE_HINT } : {})
  });
}

function statusMessage(body: unknown): string {
  try {
    const status = (typeof body === 'string' ? JSON.parse(body) : body) as V1Status | null;
    return (status?.message ?? '').replace(/\.$/, '');
  } catch {
    return typeof body === 'string' ? body.trim() : '';
  }
}

/** The innermost cause: `fetch failed` alone says nothing. */
function causeOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  const { message, code } = inner as { message?: string; code?: string };
  return (message || code || String(inner)).replace(/\.$/, '');
}
