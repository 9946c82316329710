/** A container that runs in a pod. `id` as the runtime names it, without its scheme: it is in the path of its cgroup. */
export interface PodContainer {
  namespace: string;
  pod: string;
  node: string;
  container: string;
  id: string;
  /** Of the pod, as `kubectl get --show-labels` writes them. */
  labels: string;
}

/** Which pods a program shall see. Empty texts choose nothing by that. */
export interface PodSelection {
  /** `--pod NAME`, or `NAMESPACE/NAME`. */
  pod: string;
  /** `--selector app=web,tier!=db`, in kubectl's words. */
  selector: string;
  /** `--container NAME`: only these containers of the pods. */
  container: string;
  /** `--namespace NAME`; empty: that of the kubeconfig's context. */
  namespace: string;
}

/** All pods of a cluster, in place of a selection. */
export const EVERY_POD = 'every pod';

/** What of a pod object (core/v1) is read here; everything may be missing. */
export interface PodObject {
  metadata?: { namespace?: string; name?: string; labels?: Record<string, string> };
  spec?: { nodeName?: string };
  status?: Partial<Record<StatusList, ContainerStatus[]>>;
}

interface ContainerStatus {
  name?: string;
  containerID?: string;
  state?: { running?: unknown };
}

type StatusList = 'initContainerStatuses' | 'containerStatuses' | 'ephemeralContainerStatuses';

const lists: readonly StatusList[] = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];
/** Runtimes name containers by 64 hex digits; anything else could match a foreign cgroup. */
const CONTAINER_ID = /^[\w-]+:\/\/([0-9a-f]{64})$/;

/** The id of a container that runs; null for any other. */
function runningId({ containerID = '', state }: ContainerStatus): string | null {
  return state?.running ? (CONTAINER_ID.exec(containerID)?.[1] ?? null) : null;
}

/** The running containers of a pod, its init and ephemeral ones too; with a name, those of that name. */
export function containersOf({ metadata, spec, status }: PodObject, onlyContainer = ''): PodContainer[] {
  const { namespace = '', name: pod = '' } = metadata ?? {};
  const labels = Object.entries(metadata?.labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const node = spec?.nodeName ?? '';
  return lists
    .flatMap(list => status?.[list] ?? [])
    .filter(({ name }) => onlyContainer === '' || name === onlyContainer)
    .flatMap(one => {
      const id = runningId(one);
      return id === null ? [] : [{ namespace, pod, node, container: one.name ?? '', id, labels }];
    });
}

/**
 * The cgroup ids of containers, from lines `INODE PATH` of the cgroup v2 tree: those of the container's own group and of
 * every group that it has made below.
 */
export function groupIdsOf(containers: readonly PodContainer[], lines: string): bigint[] {
  const ids = new Set(containers.map(container => container.id));
  return lines.split('\n').flatMap(line => {
    const [, inode, path] = /^(\d+) (.*)$/.exec(line) ?? [];
    if (inode === undefined || path === undefined) return [];
    // cgroupfs names the folder ID, systemd cri-containerd-ID.scope or docker-ID.scope.
    const named = path.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g) ?? [];
    return named.some(id => ids.has(id)) ? [BigInt(inode)] : [];
  });
}
