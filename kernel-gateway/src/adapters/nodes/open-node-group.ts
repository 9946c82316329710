import type { AgentConnection } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { answersInTime } from './answers-in-time.js';
import { NodeGroup } from './node-group.js';

/** Connections that are being made at a time. */
const AT_A_TIME = 32;
/** A node that could not be reached, or was lost, is tried again after this time for as long as it is there. */
const RETRY_MS = 1000;
/** A node that is not connected so long after another one was comes later. */
const OPEN_PATIENCE_MS = 10_000;

/** How a group finds and reaches its nodes. */
interface NodeGroupOptions {
  follow(onChange: (nodes: string[]) => void): Promise<{ nodes: string[]; close(): void }>;
  /** @throws LabError */
  connect(node: string): Promise<AgentConnection>;
  progress(text: string): void;
}

/**
 * Connects to every node that there is, and keeps to it as nodes come and go, until it is closed.
 *
 * @throws LabError the first node's, when none can be reached; BPFLAB_CLUSTER_NODE when there is none
 */
export async function openNodeGroup(options: NodeGroupOptions): Promise<AgentConnection> {
  const members = new NodeMembers(options);
  await members.open();
  const { group } = members;
  return {
    nodes: group.nodes,
    get hello() {
      return group.hello;
    },
    request: (verb, fields) => group.request(verb, fields),
    newStream: () => group.newStream(),
    onStream: (stream, listener) => group.onStream(stream, listener),
    sendData: (stream, bytes) => group.sendData(stream, bytes),
    sendEnd: stream => group.sendEnd(stream),
    onEvent: listener => group.onEvent(listener),
    onClose: listener => group.onClose(listener),
    close: () => members.close()
  };
}

/** Which nodes a group shall have, and the work of getting there. */
class NodeMembers {
  readonly group = new NodeGroup();
  readonly #options: NodeGroupOptions;
  readonly #connecting = new Map<string, Promise<void>>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, LabError>();
  #wanted = new Set<string>();
  #followed: { close(): void } | null = null;
  #isClosed = false;

  constructor(options: NodeGroupOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const followed = await this.#options.follow(nodes => this.#want(nodes));
    this.#followed = followed;
    const { nodes } = followed;
    this.#options.progress(`Connect to ${nodes.length} node${nodes.length === 1 ? '' : 's'}.`);
    this.#wanted = new Set(nodes);
    const reaching = this.#reachAll(nodes);
    await answersInTime(reaching, OPEN_PATIENCE_MS);
    const isReached = (): boolean => nodes.some(node => this.group.has(node));
    if (!isReached()) await Promise.all(reaching);
    if (isReached()) {
      this.group.onClose(() => void this.close());
      this.group.nodes.onChange(() => this.#reachMissing());
      return;
    }
    await this.close();
    throw (
      this.#failures.values().next().value ?? new LabError('BPFLAB_CLUSTER_NODE', 'No node has an agent that is ready.')
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#followed?.close();
    for (const timer of this.#retries.values()) clearTimeout(timer);
    await this.group.close();
    await Promise.allSettled(this.#connecting.values());
  }

  /** A promise for each node. */
  #reachAll(nodes: readonly string[]): Promise<void>[] {
    const waiting: (() => Promise<void>)[] = [];
    const reaching = nodes.map(
      node => new Promise<void>((resolve, reject) => waiting.push(() => this.#reach(node).then(resolve, reject)))
    );
    const reachNext = async (): Promise<void> => {
      for (let reach = waiting.shift(); reach !== undefined; reach = waiting.shift()) await reach();
    };
    for (const node of nodes) this.group.away(node, 'it is not connected yet');
    for (let worker = 0; worker < AT_A_TIME; worker++) void reachNext();
    return reaching;
  }

  #want(nodes: string[]): void {
    const gone = [...this.#wanted].filter(node => !nodes.includes(node));
    this.#wanted = new Set(nodes);
    // Its agent may only be between two pods: who cannot be reached is lost, and comes again with the next one.
    for (const node of gone) {
      this.group.away(node, null);
      void this.group.remove(node).catch(() => undefined);
    }
    this.#reachMissing();
  }

  #reachMissing(): void {
    for (const node of this.#wanted)
      if (!this.group.has(node) && !this.#connecting.has(node) && !this.#retries.has(node)) this.#retryLater(node);
  }

  #reach(node: string): Promise<void> {
    const reaching = this.#connect(node).finally(() => this.#connecting.delete(node));
    this.#connecting.set(node, reaching);
    return reaching;
  }

  async #connect(node: string): Promise<void> {
    try {
      const connection = await this.#options.connect(node);
      if (this.#isClosed || !this.#wanted.has(node)) return await connection.close();
      await this.group.add(node, connection);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      this.#failures.set(node, error);
      this.group.away(node, error.message);
      this.#options.progress(`Node "${node}" cannot be reached: ${error.message}`);
      this.#retryLater(node);
    }
  }

  #retryLater(node: string): void {
    if (this.#isClosed) return;
    const retry = (): void => {
      this.#retries.delete(node);
      if (!this.#isClosed && this.#wanted.has(node) && !this.group.has(node)) void this.#reach(node);
    };
    this.#retries.set(node, setTimeout(retry, RETRY_MS));
  }
}
