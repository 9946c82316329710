import type { ClusterClient } from './cluster-client.js';
import { askCluster, statusOf } from './cluster-request.js';
import { pathOf, type ClusterResource, type ClusterResources } from './find-resource.js';

/** An object of any kind, as YAML has it. */
export interface ClusterObject {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    name?: string;
    namespace?: string;
    labels?: Record<string, string>;
    generation?: number;
    managedFields?: unknown;
    deletionTimestamp?: string;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** What an applied object is now. */
export interface Applied {
  resource: ClusterResource;
  namespace: string;
  /** `created` or `configured`. */
  word: string;
}

/**
 * Applies an object (server-side apply): it is made when it is not there.
 *
 * @param client - the cluster
 * @param resources - its kinds
 * @param object - with apiVersion, kind and name
 * @param options - how
 * @param options.namespace - of an object that names none; empty: that of the context
 * @param options.manager - of the fields that are set
 * @throws LabError BPFLAB_CELL_OPTION, BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
 */
export async function applyObject(
  client: ClusterClient,
  resources: ClusterResources,
  object: ClusterObject,
  options: { namespace: string; manager: string }
): Promise<Applied> {
  const resource = await resources.ofObject(object);
  const namespace = object.metadata?.namespace ?? (options.namespace || client.namespace);
  const name = object.metadata?.name ?? '';
  const path = pathOf(resource, namespace, name);
  const what = `apply ${resource.plural} "${name}"`;
  const isThere = await askCluster(client, { method: 'GET', path, what }).then(
    () => true,
    (error: unknown) => {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  );
  const metadata = { ...object.metadata, ...(resource.isNamespaced ? { namespace } : {}) };
  await askCluster(client, {
    ...{ method: 'PATCH', path, what, query: { fieldManager: options.manager, force: 'true' } },
    body: { type: 'application/apply-patch+yaml', value: { ...object, metadata } }
  });
  return { resource, namespace, word: isThere ? 'configured' : 'created' };
}
