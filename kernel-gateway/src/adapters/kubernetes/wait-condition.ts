import type { ClusterObject } from './apply-object.js';

interface Condition {
  type?: string;
  status?: string;
}

/** True when an object holds a condition as `kubectl wait --for` writes it: `condition=Ready`, `condition=X=False`, `delete`. */
export function holdsCondition({ status }: ClusterObject, condition: string): boolean {
  const [, type = '', value = 'True'] = /^condition=([^=]+)(?:=(.+))?$/.exec(condition) ?? [];
  const conditions = (status?.['conditions'] ?? []) as Condition[];
  return conditions.some(one => same(one.type, type) && same(one.status, value));
}

/**
 * Why a workload is not ready, in a few words; empty when it is, or when its kind has nothing to wait for.
 */
export function reasonNotReady(object: ClusterObject): string {
  if (object.kind === 'Pod') return podReason(object);
  const wanted = wantedPods.get(object.kind ?? '')?.(object);
  if (wanted === undefined) return '';
  const { status = {}, metadata = {} } = object;
  const isSeen = numberOf(status, 'observedGeneration') >= (metadata.generation ?? 0);
  const ready = numberOf(status, 'numberReady') + numberOf(status, 'readyReplicas');
  const updated = object.kind === 'Deployment' ? numberOf(status, 'updatedReplicas') : wanted;
  if (updated < wanted) return `${updated} of ${wanted} pods are started`;
  return isSeen && ready >= wanted ? '' : `${ready} of ${wanted} pods are ready`;
}

const numberOf = (fields: Record<string, unknown>, name: string): number => Number(fields[name] ?? 0);
const replicas = ({ spec = {} }: ClusterObject): number => Number(spec['replicas'] ?? 1);

/** How many pods a workload shall have, by its kind. */
const wantedPods: ReadonlyMap<string, (object: ClusterObject) => number> = new Map([
  ['Deployment', replicas],
  ['StatefulSet', replicas],
  ['ReplicaSet', replicas],
  // Not counted yet is not none.
  ['DaemonSet', ({ status = {} }) => Math.max(1, numberOf(status, 'desiredNumberScheduled'))]
]);

function podReason(pod: ClusterObject): string {
  const { phase } = (pod.status ?? {}) as { phase?: string };
  if (phase === 'Succeeded' || holdsCondition(pod, 'condition=Ready')) return '';
  const statuses = (pod.status?.['containerStatuses'] ?? []) as {
    state?: Record<string, { reason?: string; message?: string } | undefined>;
  }[];
  const waiting = statuses.map(one => one.state?.['waiting'] ?? one.state?.['terminated']).find(one => one?.reason);
  return [waiting?.reason, waiting?.message].filter(Boolean).join(': ') || (phase ?? 'it is not started');
}

const same = (left: string | undefined, right: string): boolean => left?.toLowerCase() === right.toLowerCase();
