/** Kinds of things that a node gives numbers of its own. */
type IdKind = 'map' | 'program' | 'link' | 'process';

interface Known {
  run: string;
  own: Map<number, number>;
}

/** Kernels count their objects from 1: a number of one node that is asked of the group must find nothing there. */
const FIRST = 1 << 30;

/**
 * Numbers that stand for the same thing on many nodes, each of which has its own number for it. None is used twice, and
 * none is a node's own.
 */
export class GroupIds {
  readonly #byKey = new Map<string, number>();
  readonly #known = new Map<number, Known>();
  #next = FIRST;

  /** The group's number of a thing, a new one when it has none yet. */
  of(kind: IdKind, run: string, name: string): number {
    const key = `${kind} ${run} ${name}`;
    const before = this.#byKey.get(key);
    if (before !== undefined) return before;
    const id = this.#next++;
    this.#byKey.set(key, id);
    this.#known.set(id, { run, own: new Map() });
    return id;
  }

  learn(id: number, node: number, own: number): void {
    this.#known.get(id)?.own.set(node, own);
  }

  /** The node's own number; undefined when it does not have the thing. */
  own(id: number, node: number): number | undefined {
    return this.#known.get(id)?.own.get(node);
  }

  /** The group's number of what a node calls by its own; undefined when it is none of ours. */
  find(kind: IdKind, node: number, own: number): number | undefined {
    for (const [key, id] of this.#byKey)
      if (key.startsWith(`${kind} `) && this.#known.get(id)?.own.get(node) === own) return id;
    return undefined;
  }

  /** Nodes that have the thing. */
  nodesOf(id: number): number[] {
    return [...(this.#known.get(id)?.own.keys() ?? [])];
  }

  /** The run is over, or the node has lost it. */
  forget({ run, node }: { run: string; node?: number }): void {
    for (const [key, id] of this.#byKey) {
      const known = this.#known.get(id);
      if (known?.run !== run) continue;
      if (node !== undefined) known.own.delete(node);
      else {
        this.#byKey.delete(key);
        this.#known.delete(id);
      }
    }
  }
}
