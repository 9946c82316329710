import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { AgentChannel, AgentConnection, CancelSignal, TargetProvider } from '../../core/index.js';
import { agentSession } from '../../core/nodes/agent-session.js';
import { AGENT_PROTOCOL_VERSION, LabError, type ClientHello } from '../../protocol/index.js';
import { connectAgent } from '../agent/connect-agent.js';
import { openNodeGroup } from '../nodes/open-node-group.js';

/** A session on a node outlives its connection so long: a way over a cluster's API server breaks now and then. */
const POD_LEASE_S = 20;
/** Of the agent (bpf/agent/session.h). */
const MAX_USER_CHARS = 64;

/** What a link tells its session. `onLost` comes at most once for each connection, and not for one that was closed. */
export interface TargetLinkEvents {
  onOpening(): void;
  onProgress(text: string): void;
  /** A channel was opened; gives the one to use. */
  onChannel(channel: AgentChannel, session: string): Promise<AgentChannel>;
  /** Before anybody else gets the connection; what it does is part of opening. */
  onReady(connection: AgentConnection): Promise<void>;
  onFailed(message: string): void;
  onLost(reason: string): void;
}

/** The session's way to one target: opened when first needed, and anew when it was lost or closed. */
export class TargetLink {
  readonly provider: TargetProvider;
  /** Kernel release asked for (vm only); null: the default. Takes effect when the link opens next. */
  kernel: string | null;
  /** Memory asked for (vm only); null: the usual. Takes effect when the link opens next. */
  memoryMib: number | null = null;
  /** Network asked for; null: the target's own. Takes effect when the link opens next. */
  network: 'target' | 'own' | null = null;
  readonly #session: string;
  readonly #events: TargetLinkEvents;
  #opening: Promise<AgentConnection> | null = null;
  #current: AgentConnection | null = null;
  #abort = new AbortController();

  constructor(options: { session: string; provider: TargetProvider; kernel: string | null; events: TargetLinkEvents }) {
    this.#session = options.session;
    this.provider = options.provider;
    this.kernel = options.kernel;
    this.#events = options.events;
  }

  /** The open connection, null when there is none now. */
  get current(): AgentConnection | null {
    return this.#current;
  }

  /**
   * The connection, opening it when there is none. `signal` ends the wait of this caller only: others may want it too.
   *
   * @throws LabError BPFLAB_TARGET_START, BPFLAB_IMAGE_MISSING … as the provider does, BPFLAB_CELL_INTERRUPTED
   */
  async connection(signal: CancelSignal): Promise<AgentConnection> {
    if (this.#opening === null) {
      this.#abort = new AbortController();
      const opening = this.#open(this.#abort.signal);
      this.#opening = opening;
      opening.catch(() => {
        if (this.#opening === opening) {
          this.#opening = null;
        }
      });
    }
    return unlessAborted(this.#opening, signal);
  }

  /** Ends what runs in the target and the target; the next `connection` opens a new one. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    this.#current = null;
    this.#abort.abort();
    const connection = await opening?.catch(() => null);
    await connection?.close();
  }

  async #open(signal: AbortSignal): Promise<AgentConnection> {
    this.#events.onOpening();
    try {
      const { nodes } = this.provider;
      const connection = nodes === undefined ? await this.#openOne(signal) : await this.#openNodes(nodes);
      await this.#checkNetwork(connection);
      return await this.#use(connection);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#events.onFailed(message);
      throw error;
    }
  }

  async #openOne(signal: AbortSignal): Promise<AgentConnection> {
    const channel = await this.provider.open({
      session: this.#session,
      kernel: this.kernel,
      ...(this.memoryMib === null ? {} : { memoryMib: this.memoryMib }),
      signal,
      progress: text => this.#events.onProgress(text)
    });
    return this.#greet(await this.#events.onChannel(channel, this.#session), this.#session);
  }

  #openNodes(nodes: NonNullable<TargetProvider['nodes']>): Promise<AgentConnection> {
    return openNodeGroup({
      follow: onChange => nodes.follow(onChange),
      connect: async node => {
        const session = agentSession(this.#session, node);
        return this.#greet(await nodes.open(node, session), session);
      },
      progress: text => this.#events.onProgress(text)
    });
  }

  async #greet(channel: AgentChannel, session: string): Promise<AgentConnection> {
    try {
      return await connectAgent(channel, this.#hello(session));
    } catch (error) {
      if (this.provider.name !== 'pod' || !isSkew(error)) throw error;
      throw new LabError('BPFLAB_CLUSTER_VERSION', error.message, { cause: error });
    }
  }

  #hello(session: string): ClientHello {
    return {
      protocol: AGENT_PROTOCOL_VERSION,
      session,
      after: '0',
      user: currentUser(),
      realtime_ns: (BigInt(Date.now()) * 1_000_000n).toString(),
      entropy: randomBytes(32).toString('hex'),
      ...(this.network === null ? {} : { network: this.network }),
      ...(this.provider.name === 'pod' ? { lease_s: POD_LEASE_S } : {})
    };
  }

  async #checkNetwork(connection: AgentConnection): Promise<void> {
    if (this.network === 'own' && connection.hello.network !== 'own') {
      await connection.close();
      const message = `The target "${this.provider.name}" cannot give the session a network of its own.`;
      throw new LabError('BPFLAB_TARGET_START', message);
    }
  }

  async #use(connection: AgentConnection): Promise<AgentConnection> {
    this.#current = connection;
    connection.onClose(reason => {
      // A connection that `close` took away ends on purpose.
      if (this.#current === connection) {
        this.#current = null;
        this.#opening = null;
        this.#events.onLost(reason);
      }
    });
    await this.#events.onReady(connection);
    return connection;
  }
}

/** An agent of a node is put there at another time than the gateway; any other comes with it. */
function isSkew(error: unknown): error is LabError {
  return error instanceof LabError && error.code === 'BPFLAB_AGENT_PROTOCOL';
}

/** Who works here, for policies and audit logs of nodes: the hub's person, or who runs the gateway. */
function currentUser(): string {
  return (process.env['JUPYTERHUB_USER'] ?? userInfo().username).slice(0, MAX_USER_CHARS);
}

async function unlessAborted<T>(promise: Promise<T>, signal: CancelSignal): Promise<T> {
  if (signal.aborted) {
    throw interrupted();
  }
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(interrupted());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function interrupted(): LabError {
  return new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.');
}
