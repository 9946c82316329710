import type { ConnectedNodes } from '../../core/nodes/connected-nodes.js';
import { TimeMerge } from '../../core/nodes/time-merge.js';

/** Between two looks at what may go on. */
const RELEASE_MS = 40;
/** A node that is slower than this does not hold up the others: what it sends stands behind what has been shown. */
const MAX_WAIT_MS = 1500;
/** What the agents gather before they send, beside the way here. */
const GATHER_MS = 60;
/** Bytes that wait, per stream. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Rows that stand behind others which are so much younger are out of order for everybody who looks. */
const LATE_US = 100_000;

/** What a merged stream tells. */
interface MergedStreamListener {
  deliver(payload: Uint8Array, node: number): void;
  /** A node lags so that what it sends stands behind newer rows of the others; told once for each. */
  late(node: string): void;
}

/** One record stream of many nodes in order of time. Whoever makes it ends it. */
export class MergedStream {
  readonly #nodes: ConnectedNodes;
  readonly #merge: TimeMerge;
  readonly #lateNodes = new Set<number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(nodes: ConnectedNodes, listener: MergedStreamListener) {
    this.#nodes = nodes;
    this.#merge = new TimeMerge({
      maxBytes: MAX_BYTES,
      deliver: (payload, node) => listener.deliver(payload, node),
      late: (node, byUs) => {
        if (byUs < LATE_US || this.#lateNodes.has(node)) return;
        this.#lateNodes.add(node);
        listener.late(nodes.names[node] ?? '');
      }
    });
  }

  take(payload: Uint8Array, node = 0): void {
    this.#merge.push(payload, node, this.#nodes.timeOffsetNs(node));
    this.#timer ??= setTimeout(() => this.#release(), RELEASE_MS);
  }

  /** Everything has come. */
  end(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#merge.flush();
  }

  #release(): void {
    this.#timer = null;
    const waitMs = Math.min(MAX_WAIT_MS, this.#nodes.lagMs() + GATHER_MS);
    this.#merge.release((performance.timeOrigin + performance.now() - waitMs) * 1000);
    if (this.#merge.heldBytes > 0) this.#timer = setTimeout(() => this.#release(), RELEASE_MS);
  }
}
