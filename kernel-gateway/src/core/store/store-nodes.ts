import type { Column } from '../decode/column.js';
import type { PayloadSummary } from './row-chunks.js';

/** The nodes whose rows a store has side by side. */
export interface StoreNodes {
  /** By number; a node that comes later is added at the end. */
  readonly names: readonly string[];
  /** Added to the node's CLOCK_MONOTONIC it gives the time of day. */
  timeOffsetNs(node: number): bigint;
}

/** What came of one node, and what it lost. */
export interface NodeCount {
  rows: number;
  lost: bigint;
}

/** A text column with the name of each row's node. */
export function nodeColumn(
  rows: { batchOf(number: number): { node: number } },
  { names }: StoreNodes,
  name: string
): Column {
  return {
    kind: 'text',
    spec: { name, kind: 'text', role: 'meta', unit: '', c_type: 'node of the row' },
    text: row => names[rows.batchOf(row.number).node] ?? '',
    source: { kind: 'text' }
  };
}

/** Counts what comes, by node. A stream tells its losses as a total so far, so that a stream that begins anew adds to it. */
export class NodeCounts {
  readonly #byNode = new Map<number, NodeCount>();
  readonly #told = new Map<number, bigint>();
  #lost = 0n;

  get byNode(): ReadonlyMap<number, NodeCount> {
    return this.#byNode;
  }

  /** Losses of all nodes. */
  get lost(): bigint {
    return this.#lost;
  }

  take(node: number, { rows, lost }: PayloadSummary): void {
    const before = this.#byNode.get(node) ?? { rows: 0, lost: 0n };
    const told = this.#told.get(node) ?? 0n;
    const more = lost >= told ? lost - told : lost;
    this.#told.set(node, lost);
    this.#lost += more;
    this.#byNode.set(node, { rows: before.rows + rows, lost: before.lost + more });
  }
}
