/** Many nodes behind one connection: what the road asks of them beyond a connection to one. */
import type { Request, Result, Verb } from '../../protocol/index.js';
import type { AgentConnection } from '../session/ports.js';

/** What became of a run on one node. `message` says in one sentence why it does not run there, or what is special about it. */
export interface NodeVerdict {
  /** Number of the node in `ConnectedNodes.names`. */
  node: number;
  state: 'running' | 'late' | 'refused' | 'lost';
  message: string;
}

/** A node that is connected now. */
export interface NodeMember {
  readonly node: number;
  readonly connection: AgentConnection;
}

/** The answer of one node. */
export interface NodeAnswer<V extends Verb> {
  node: number;
  result: Result<V>;
}

/** The nodes behind a connection. A number is a node's for as long as the connection lives, also while it is away. */
export interface ConnectedNodes {
  readonly names: readonly string[];
  /** Those that answer; a late one is among them only when all are late. */
  members(): NodeMember[];
  /** Added to a node's CLOCK_MONOTONIC, in nanoseconds, it makes the gateway's time of day, as measured. */
  timeOffsetNs(node: number): bigint;
  /** What a node has sent is here after so many milliseconds at the latest, as measured. */
  lagMs(): number;
  verdicts(run: string): NodeVerdict[];
  /** What is special about a run that goes on on a node. */
  note(run: string, node: number, message: string): void;
  /** Takes a run away from one node; what it has there is stopped. */
  refuse(run: string, node: number, message: string): void;
  /** Called when a node came, went, or its verdict on a run has changed. */
  onChange(listener: () => void): void;
  /** Work with each member by itself. A node that is late after the others is left out, and known to be late until its work is done. */
  each<T>(work: (member: NodeMember) => Promise<T>): Promise<{ node: number; outcome: PromiseSettledResult<T> }[]>;
  /** The answers side by side, by node. @throws LabError the first one's, when no node answers */
  ask<V extends Verb>(verb: V, fields: Omit<Extract<Request, { verb: V }>, 'id' | 'verb'>): Promise<NodeAnswer<V>[]>;
}

/** Where a target of many nodes finds them. */
export interface NodeSource<Channel> {
  /**
   * The names of the nodes, and every change of them until it is closed.
   *
   * @throws LabError as the place where they are listed refuses
   */
  follow(onChange: (nodes: string[]) => void): Promise<{ nodes: string[]; close(): void }>;
  /** A channel to the agent of one node. @throws LabError */
  open(node: string, session: string): Promise<Channel>;
}
