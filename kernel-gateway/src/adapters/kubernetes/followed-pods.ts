import {
  containersOf,
  EVERY_POD,
  type PodContainer,
  type PodObject,
  type PodSelection
} from '../../core/pods/pod-container.js';
import { clusterError, type ClusterClient } from './cluster-client.js';

/** After a watch ended, and again after each list that failed. */
const RETRY_MS = 500;
/** The API server ends a watch after this time; a silent one is cut earlier by the library. */
const WATCH_SECONDS = 240;

/** A list of all pods comes in parts of this size, so that a large cluster never stands in memory whole. */
const PART = 500;

/** Where the API server is asked, and for what. No namespace: all of them. */
interface Query {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

/**
 * The containers of the pods of a selection, as they come and go: a list, then a watch from there, and a new list whenever
 * the watch has ended, was cut, or has told of an error. Whoever opens it closes it.
 */
export class FollowedPods {
  readonly #client: ClusterClient;
  readonly #selection: PodSelection | typeof EVERY_POD;
  readonly #onChange: (containers: PodContainer[]) => void;
  #pods = new Map<string, PodContainer[]>();
  #watching: AbortController | null = null;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(
    client: ClusterClient,
    selection: PodSelection | typeof EVERY_POD,
    onChange: (containers: PodContainer[]) => void
  ) {
    this.#client = client;
    this.#selection = selection;
    this.#onChange = onChange;
  }

  /** The containers that run now, by the first list or by what was told since. */
  get containers(): PodContainer[] {
    return [...this.#pods.values()].flat();
  }

  /**
   * Lists, and begins to watch.
   *
   * @throws LabError BPFLAB_CLUSTER_ACCESS, BPFLAB_CLUSTER_REQUEST, BPFLAB_CLUSTER_UNREACHABLE
   */
  async open(): Promise<void> {
    const version = await this.#list();
    void this.#watch(version);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#watching?.abort();
  }

  get #query(): Query {
    if (this.#selection === EVERY_POD) return {};
    const { pod, selector } = this.#selection;
    const [first = '', second] = pod.split('/');
    const name = second ?? first;
    const given = second === undefined ? this.#selection.namespace : first;
    return {
      namespace: given || this.#client.namespace,
      ...(selector === '' ? {} : { labelSelector: selector }),
      ...(name === '' ? {} : { fieldSelector: `metadata.name=${name}` })
    };
  }

  /** The pods of a new list replace those of before when it is whole. */
  async #list(): Promise<string> {
    const { namespace, ...selectors } = this.#query;
    const { core } = this.#client;
    const found = new Map<string, PodContainer[]>();
    let _continue: string | undefined;
    let version: string;
    try {
      do {
        const part = { ...selectors, limit: PART, ...(_continue === undefined ? {} : { _continue }) };
        const { items, metadata } =
          namespace === undefined
            ? await core.listPodForAllNamespaces(part)
            : await core.listNamespacedPod({ namespace, ...part });
        for (const pod of items) this.#keep(found, pod);
        version = metadata?.resourceVersion ?? '';
        _continue = metadata?._continue || undefined;
      } while (_continue !== undefined);
    } catch (error) {
      throw clusterError(this.#client, `list the pods of ${whereOf(namespace)}`, error);
    }
    this.#pods = found;
    return version;
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { Watch } = await import('@kubernetes/client-node');
    const { namespace, ...selectors } = this.#query;
    const query = { ...selectors, resourceVersion, timeoutSeconds: WATCH_SECONDS, allowWatchBookmarks: true };
    const onEnd = (): void => this.#relistLater();
    const controller = await new Watch(this.#client.config).watch(
      namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
      query,
      (kind: string, pod: PodObject) => this.#tell(kind, pod),
      onEnd
    );
    this.#watching = controller;
    if (this.#isClosed) controller.abort();
  }

  #tell(kind: string, pod: PodObject): void {
    if (this.#isClosed || kind === 'BOOKMARK') return;
    if (kind === 'ERROR') {
      // Mostly "410 Gone": what we know is too old to go on from.
      this.#watching?.abort();
      return;
    }
    this.#keep(this.#pods, kind === 'DELETED' ? { metadata: pod.metadata ?? {} } : pod);
    this.#onChange(this.containers);
  }

  #keep(pods: Map<string, PodContainer[]>, pod: PodObject): void {
    const key = `${pod.metadata?.namespace}/${pod.metadata?.name}`;
    const containers = containersOf(pod, this.#selection === EVERY_POD ? '' : this.#selection.container);
    if (containers.length === 0) pods.delete(key);
    else pods.set(key, containers);
  }

  #relistLater(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#list().then(
        version => {
          if (this.#isClosed) return;
          this.#onChange(this.containers);
          void this.#watch(version);
        },
        () => this.#relistLater()
      );
    }, RETRY_MS);
  }
}

const whereOf = (namespace: string | undefined): string =>
  namespace === undefined ? 'all namespaces' : `namespace "${namespace}"`;
