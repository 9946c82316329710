import { LabError } from '../../protocol/index.js';
import { askCluster } from './cluster-request.js';
import type { ClusterClient } from './cluster-client.js';

/** A kind of objects of one cluster, and where they are. */
export interface ClusterResource {
  /** `/api/v1`, `/apis/apps/v1`. */
  root: string;
  apiVersion: string;
  kind: string;
  /** In paths: `pods`. */
  plural: string;
  isNamespaced: boolean;
}

interface Listed {
  name: string;
  singularName?: string;
  shortNames?: string[];
  kind: string;
  namespaced: boolean;
}

type Groups = { groups?: { name: string; preferredVersion?: { groupVersion?: string } }[] };

/** What `all` stands for, as in kubectl. */
const ALL = ['pods', 'services', 'daemonsets', 'deployments', 'replicasets', 'statefulsets', 'jobs', 'cronjobs'];

/** The kinds of a cluster by any of their names, asked of the API server when they are first wanted. */
export class ClusterResources {
  readonly #client: ClusterClient;
  readonly #roots = new Map<string, Promise<(ClusterResource & { names: string[] })[]>>();

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  /**
   * The kinds of `pods,svc` or `all`; each word a plural, a singular, a short name or a kind, with or without `.GROUP`.
   *
   * @throws LabError BPFLAB_CELL_OPTION when the cluster has no such kind, and what the API server refuses
   */
  async named(words: string): Promise<ClusterResource[]> {
    const names = words === 'all' ? ALL : words.split(',');
    return Promise.all(names.map(name => this.#find(name.toLowerCase())));
  }

  /**
   * The kind of an object by its `apiVersion` and `kind`.
   *
   * @throws as `named`
   */
  async ofObject({ apiVersion = '', kind = '' }: { apiVersion?: string; kind?: string }): Promise<ClusterResource> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const found = (await this.#list(root)).find(one => one.kind === kind);
    if (found === undefined) throw unknownKind(`${apiVersion} ${kind}`);
    return found;
  }

  async #find(name: string): Promise<ClusterResource> {
    const [word = '', ...group] = name.split('.');
    const isMeant = (one: ClusterResource & { names: string[] }): boolean =>
      one.names.includes(word) && (group.length === 0 || one.apiVersion.startsWith(`${group.join('.')}/`));
    const core = (await this.#list('/api/v1')).find(isMeant);
    if (core !== undefined) return core;
    const { groups = [] } = (await askCluster(this.#client, {
      ...{ method: 'GET', path: '/apis', what: 'list the kinds of the cluster' }
    })) as Groups;
    const roots = groups.map(one => `/apis/${one.preferredVersion?.groupVersion ?? ''}`);
    // A group whose server is away must not hide the others.
    const lists = await Promise.allSettled(roots.map(root => this.#list(root)));
    const found = lists.flatMap(list => (list.status === 'fulfilled' ? list.value : [])).find(isMeant);
    if (found === undefined) throw unknownKind(name);
    return found;
  }

  #list(root: string): Promise<(ClusterResource & { names: string[] })[]> {
    const known = this.#roots.get(root);
    if (known !== undefined) return known;
    const reading = this.#read(root);
    this.#roots.set(root, reading);
    reading.catch(() => this.#roots.delete(root));
    return reading;
  }

  async #read(root: string): Promise<(ClusterResource & { names: string[] })[]> {
    const what = 'list the kinds of the cluster';
    const list = (await askCluster(this.#client, { method: 'GET', path: root, what })) as { resources?: Listed[] };
    return (list.resources ?? [])
      .filter(one => !one.name.includes('/'))
      .map(one => ({
        root,
        apiVersion: root.replace(/^\/apis?\//, ''),
        kind: one.kind,
        plural: one.name,
        isNamespaced: one.namespaced,
        names: [one.name, one.singularName ?? '', one.kind.toLowerCase(), ...(one.shortNames ?? [])]
      }));
  }
}

function unknownKind(name: string): LabError {
  return new LabError('BPFLAB_CELL_OPTION', `The cluster has no kind "${name}".`);
}

/** Path of the objects of a kind, or of the one that is named; without a namespace those of all namespaces. */
export function pathOf(resource: ClusterResource, namespace: string | null, name = ''): string {
  const inside = resource.isNamespaced && namespace !== null ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${resource.root}${inside}/${resource.plural}${name === '' ? '' : `/${encodeURIComponent(name)}`}`;
}
