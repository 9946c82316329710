/** Hears the payloads of one stream of a group, with the number of the node that sent each. */
export interface GroupListener {
  data(payload: Uint8Array, node: number): void;
  end(): void;
}

interface GroupStream {
  listener: GroupListener | null;
  /** The node's own stream, by node. */
  own: Map<number, number>;
  /** Nodes that may still send. */
  open: Set<number>;
  /** Only this node is heard: text of several would be of no use to anybody. */
  only: number | null;
  isEnded: boolean;
}

/** The streams of a group: each has one of every node that takes part behind it, and ends when the last of them does. */
export class GroupStreams {
  readonly #streams = new Map<number, GroupStream>();
  #next = 1;

  /** A fresh number. */
  make(): number {
    const stream = this.#next++;
    this.#streams.set(stream, { listener: null, own: new Map(), open: new Set(), only: null, isEnded: false });
    return stream;
  }

  listen(stream: number, listener: GroupListener): void {
    const known = this.#streams.get(stream);
    if (known !== undefined) known.listener = listener;
  }

  /** The node's own stream is `own`; returns who listens to it. */
  join(stream: number, node: number, own: number): { data(payload: Uint8Array): void; end(): void } {
    const known = this.#streams.get(stream);
    known?.own.set(node, own);
    known?.open.add(node);
    return {
      data: payload => {
        // A late answer of a node that was left out meanwhile is nobody's any more.
        const isHeard = known?.own.get(node) === own && (known.only ?? node) === node;
        if (isHeard) known.listener?.data(payload, node);
      },
      end: () => this.leave(stream, node)
    };
  }

  /** Whether the stream has a listener and has not ended: whether a node that comes later may join it. */
  isOpen(stream: number): boolean {
    const known = this.#streams.get(stream);
    return known !== undefined && known.listener !== null && !known.isEnded;
  }

  /** From several nodes, only what the first one sends is heard. */
  hearOnly(stream: number, node: number): void {
    const known = this.#streams.get(stream);
    if (known !== undefined) known.only = node;
  }

  /** The node will send no more on it. */
  leave(stream: number, node: number): void {
    const known = this.#streams.get(stream);
    if (known === undefined || !known.open.delete(node)) return;
    known.own.delete(node);
    if (known.open.size === 0 && !known.isEnded) {
      known.isEnded = true;
      known.listener?.end();
      this.#streams.delete(stream);
    }
  }

  /** The node is gone from all streams. */
  leaveAll(node: number): void {
    for (const stream of [...this.#streams.keys()]) this.leave(stream, node);
  }

  /** The nodes' own streams. */
  ownOf(stream: number): { node: number; own: number }[] {
    return [...(this.#streams.get(stream)?.own ?? [])].map(([node, own]) => ({ node, own }));
  }

  /** The stream's number on one node; undefined when that takes no part. */
  ownOn(stream: number, node: number): number | undefined {
    return this.#streams.get(stream)?.own.get(node);
  }
}
