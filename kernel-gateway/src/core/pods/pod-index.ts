import type { PodContainer } from './pod-container.js';

/** What a number of a program's data names: a control group, a process, or a namespace of the kernel. */
export type PodKey = 'cgroup' | 'pid' | 'mntns' | 'netns';

/** Finds whose event it is. The value comes in two halves, as columns read it. */
export interface PodLookup {
  find(key: PodKey, low: number, high: number): PodContainer | null;
}

/** Containers that are gone are remembered up to this many, so that what they did keeps its name. */
const MAX_PLACES = 100_000;
const CONTAINER_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

const word = (low: number, high: number): number => high * 0x100000000 + low;

/**
 * Names of containers by what programs see of them. Fed with the cluster's containers and with what a scan of the node
 * says; memory is bounded, and a name that was known stays.
 */
export class PodIndex implements PodLookup {
  readonly #containers = new Map<string, PodContainer>();
  /** By number; null: known to be of no container. */
  readonly #places: Record<PodKey, Map<number, PodContainer | null>> = {
    cgroup: new Map(),
    pid: new Map(),
    mntns: new Map(),
    netns: new Map()
  };
  #misses = 0;

  /** Lookups since the newest scan that found nothing about their number. */
  get misses(): number {
    return this.#misses;
  }

  find(key: PodKey, low: number, high: number): PodContainer | null {
    const number = word(low, high);
    const found = number === 0 ? null : this.#places[key].get(number);
    if (found === undefined) this.#misses++;
    return found ?? null;
  }

  /** The containers that the cluster has now; true when one is new. */
  know(containers: readonly PodContainer[]): boolean {
    const before = this.#containers.size;
    for (const container of containers)
      if (!this.#containers.has(container.id)) this.#containers.set(container.id, container);
    bound(this.#containers);
    return this.#containers.size > before;
  }

  /**
   * Takes a scan of the node: lines `c INODE PATH` of the cgroup v2 tree, `p PID PATH` of a process's cgroup, `n PID INODE` and
   * `m PID INODE` of its network and mount namespace; `nested` first: PIDs are other ones than programs see. A namespace is a container's when all that was seen in it is: that
   * of the node itself has processes of no container.
   */
  scan(text: string): void {
    this.#misses = 0;
    const lines = text.split('\n').map(line => /^([cpnm]) (\d+) (.*)$/.exec(line)?.slice(1) ?? []);
    const of = (kind: string): [number: string, rest: string][] =>
      lines.flatMap(([word, number = '', rest = '']) => (word === kind ? [[number, rest]] : []));
    for (const [inode, path] of of('c')) this.#set('cgroup', Number(inode), this.#containerOf(path));
    const ofPid = new Map<string, PodContainer | null>([...of('n'), ...of('m')].map(([pid]) => [pid, null]));
    for (const [pid, path] of of('p')) ofPid.set(pid, ofPid.get(pid) ?? this.#containerOf(path));
    if (!text.startsWith('nested')) for (const [pid, place] of ofPid) this.#set('pid', Number(pid), place);
    this.#setSpaces('netns', of('n'), ofPid);
    this.#setSpaces('mntns', of('m'), ofPid);
  }

  #setSpaces(
    key: PodKey,
    spaces: readonly [pid: string, inode: string][],
    ofPid: ReadonlyMap<string, PodContainer | null>
  ): void {
    const found = new Map<string, PodContainer | null>();
    for (const [pid, inode] of spaces) {
      const place = ofPid.get(pid) ?? null;
      const before = found.get(inode);
      // Containers of a pod share its network: the pod is right, and no one container is.
      if (before === undefined) found.set(inode, place);
      else if (before !== null) found.set(inode, shared(before, place));
    }
    for (const [inode, place] of found) this.#set(key, Number(inode), place);
  }

  #set(key: PodKey, number: number, place: PodContainer | null): void {
    const places = this.#places[key];
    // A process that is new under an old number has moved to the end, and is not the next to go.
    places.delete(number);
    places.set(number, place);
    bound(places);
  }

  /** The innermost container that a path of cgroups names. */
  #containerOf(path: string): PodContainer | null {
    for (const id of (path.match(CONTAINER_ID) ?? []).toReversed()) {
      const container = this.#containers.get(id);
      if (container !== undefined) return container;
    }
    return null;
  }
}

function shared(one: PodContainer, other: PodContainer | null): PodContainer | null {
  if (other === null || one.namespace !== other.namespace || one.pod !== other.pod) return null;
  return one.container === other.container ? one : { ...one, container: '' };
}

function bound(map: Map<unknown, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= MAX_PLACES) return;
    map.delete(key);
  }
}
