import type { AgentConnection } from '../../core/index.js';
import { NodeClock } from '../../core/nodes/node-clock.js';
import type { JournalEntry } from '../../core/nodes/run-journal.js';
import type { Fields } from '../../core/nodes/own-fields.js';
import type { Result, Verb } from '../../protocol/index.js';

/** Readings of a node's clock when it comes. */
const FIRST_READINGS = 3;

/** A node that is connected, and its clock. */
export class LiveNode {
  readonly node: number;
  readonly connection: AgentConnection;
  readonly clock = new NodeClock();
  /** What it is to do when it answers again; null: it is not late. */
  missed: JournalEntry[] | null = null;
  isCatchingUp = false;

  constructor(node: number, connection: AgentConnection) {
    this.node = node;
    this.connection = connection;
  }

  /** Asks the node; an answer that tells its clock is a reading of it. @throws LabError as the agent refuses */
  async request<V extends Verb>(verb: V, fields: Fields<V>): Promise<Result<V>> {
    const askedMs = now();
    const result = await this.connection.request(verb, fields);
    if (verb === 'stats') {
      const monotonicNs = BigInt((result as Result<'stats'>).monotonic_ns);
      this.clock.take({ askedMs, answeredMs: now(), monotonicNs });
    }
    return result;
  }

  /** Learns how far the node's clock is from ours. @throws LabError */
  async readClock(): Promise<void> {
    for (let reading = 0; reading < FIRST_READINGS; reading++) await this.request('stats', {});
  }
}

/** Time of day in milliseconds, with its fraction. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
