import type { JournalEntry } from '../../core/nodes/run-journal.js';
import { answersInTime } from './answers-in-time.js';
import type { LiveNode } from './live-node.js';

/** What the nodes belong to. */
interface LateNodesOwner {
  /** Whether the node is still connected. */
  isThere(live: LiveNode): boolean;
  replay(live: LiveNode, entry: JournalEntry): Promise<void>;
  /** The node is late, or not any more (`missed`). */
  changed(live: LiveNode): void;
}

/** Nodes that do not answer in time: nobody waits for them, and they get what they missed when they answer again. */
export class LateNodes {
  readonly #owner: LateNodesOwner;

  constructor(owner: LateNodesOwner) {
    this.#owner = owner;
  }

  /** Work with each node. One that is late after the others is left out of the outcomes, and late until its work is done. */
  async inTime<T>(
    nodes: readonly LiveNode[],
    work: (live: LiveNode) => Promise<T>,
    onLate: (live: LiveNode, work: Promise<T>) => void
  ): Promise<{ node: number; outcome: PromiseSettledResult<T> }[]> {
    const working = nodes.map(live => ({ live, done: work(live) }));
    const outcomes = await answersInTime(working.map(({ done }) => done));
    return working.flatMap(({ live, done }, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined && outcome.status !== 'late') return { node: live.node, outcome };
      onLate(live, done);
      this.#setLate(live, done);
      return [];
    });
  }

  #setLate(live: LiveNode, work: Promise<unknown>): void {
    const catchUp = (): void => void this.#catchUp(live);
    work.then(catchUp, catchUp);
    if (live.missed !== null || !this.#owner.isThere(live)) return;
    live.missed = [];
    this.#owner.changed(live);
  }

  async #catchUp(live: LiveNode): Promise<void> {
    const { missed } = live;
    if (missed === null || live.isCatchingUp || !this.#owner.isThere(live)) return;
    live.isCatchingUp = true;
    // What is asked meanwhile is missed too, and comes in its order.
    for (const entry of missed) await this.#owner.replay(live, entry);
    live.isCatchingUp = false;
    live.missed = null;
    this.#owner.changed(live);
  }
}
