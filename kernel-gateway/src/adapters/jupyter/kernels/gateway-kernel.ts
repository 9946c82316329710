/** One kernel of the server: survives restarts of its core, and sockets that come and go. */
import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import { KernelCore } from '../../../core/kernel/kernel-core.js';
import { MessageFactory } from '../../../core/kernel/message-factory.js';
import type { Session } from '../../../core/session/ports.js';
import { systemClock } from '../../runtime/system-clock.js';
import type { KernelRecorder } from '../recorder/kernel-recorder.js';
import { ClientOutbox } from './client-outbox.js';

/** A client whose socket is lost is waited for this long; JupyterLab gives up reconnecting earlier. */
export const RETENTION_MS = 10 * 60_000;
/** Clients without a socket that are kept per kernel. */
const RETAINED_CLIENTS = 8;

/** Jupyter's kernel model. */
export interface KernelModel {
  id: string;
  name: string;
  last_activity: string;
  execution_state: string;
  connections: number;
  /** Reason of the last failure to start, empty when it runs. */
  reason: string;
}

/** What a kernel is made of. `openSession` is called for each life. */
export interface GatewayKernelOptions {
  id: string;
  name: string;
  version: string;
  openSession: () => Promise<Session>;
  /** Keeps the outputs of cells. */
  recorder: KernelRecorder;
  /** A client asked over its socket for the kernel's end. */
  onShutdownRequest: (restart: boolean) => void;
}

/** Creates, restarts and ends cores; fans iopub out to clients. */
export class GatewayKernel {
  readonly #options: GatewayKernelOptions;
  readonly #clients = new Map<string, { outbox: ClientOutbox; expiry: NodeJS.Timeout | null }>();
  #life: { core: KernelCore; session: Session } | null = null;
  #turn: Promise<void> = Promise.resolve();
  #isStarting = false;
  #isEnded = false;
  #lastActivity = new Date();

  private constructor(options: GatewayKernelOptions) {
    this.#options = options;
  }

  /** Opens the session and starts the first life. */
  static async start(options: GatewayKernelOptions): Promise<GatewayKernel> {
    const kernel = new GatewayKernel(options);
    await kernel.#begin();
    return kernel;
  }

  get id(): string {
    return this.#options.id;
  }

  /** Session of the present life; null while a restart is under way. */
  get session(): Session | null {
    return this.#life?.session ?? null;
  }

  get model(): KernelModel {
    const clients = [...this.#clients.values()];
    return {
      id: this.id,
      name: this.#options.name,
      last_activity: this.#lastActivity.toISOString(),
      execution_state: this.#life?.core.executionState ?? (this.#isStarting ? 'starting' : 'dead'),
      connections: clients.filter(({ outbox }) => outbox.isConnected).length,
      reason: ''
    };
  }

  /** The client of a `session_id`, kept while its socket is away. Call `release` when the socket is gone. */
  client(sessionId: string): ClientOutbox {
    const known = this.#clients.get(sessionId);
    if (known) {
      if (known.expiry) clearTimeout(known.expiry);
      known.expiry = null;
      return known.outbox;
    }
    const outbox = new ClientOutbox(lostNotice);
    this.#clients.set(sessionId, { outbox, expiry: null });
    return outbox;
  }

  /** Its socket is gone: the client is forgotten after a while unless it comes back. */
  release(sessionId: string, retentionMs = RETENTION_MS): void {
    const client = this.#clients.get(sessionId);
    if (!client || client.outbox.isConnected) return;
    if (client.expiry) clearTimeout(client.expiry);
    client.expiry = setTimeout(() => this.#forget(sessionId), retentionMs);
    client.expiry.unref();
    const away = [...this.#clients].filter(([, { expiry }]) => expiry !== null);
    for (const [id] of away.slice(0, Math.max(0, away.length - RETAINED_CLIENTS))) this.#forget(id);
  }

  /** Takes a message of a client. What comes between two lives is dropped: the client asks again after a restart. */
  handle(message: JupyterMessage, client: ClientOutbox): void {
    this.#lastActivity = new Date();
    if (this.#life) this.#options.recorder.request(message);
    this.#life?.core.handle(message, client);
  }

  interrupt(): void {
    this.#life?.core.interrupt();
  }

  /**
   * Ends this life and begins another with a new session; resolves when the kernel takes cells again. When the session
   * does not open the kernel is dead until the next restart.
   */
  restart(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isEnded) return;
      this.#isStarting = true;
      try {
        await this.#endLife();
        for (const { outbox } of this.#clients.values()) outbox.clear();
        this.#say('starting');
        await this.#begin();
      } catch (error) {
        this.#say('dead');
        throw error;
      } finally {
        this.#isStarting = false;
      }
    });
  }

  /** Ends the kernel; resolves when its session has left nothing behind. */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      this.#isEnded = true;
      await this.#endLife();
      this.#say('dead');
      for (const { outbox, expiry } of this.#clients.values()) {
        if (expiry) clearTimeout(expiry);
        outbox.end();
      }
      this.#clients.clear();
    });
  }

  /** One after the other: two restarts at once, or an end during a restart, must not leave a session behind. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #endLife(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    await life?.core.end();
    if (life) this.#options.recorder.end('The kernel ended.');
  }

  async #begin(): Promise<void> {
    const session = await this.#options.openSession();
    const core = new KernelCore(session, {
      clock: systemClock,
      version: this.#options.version,
      publish: message => this.#publish(message),
      onShutdownRequest: this.#options.onShutdownRequest
    });
    this.#life = { core, session };
  }

  #publish(message: JupyterMessage): void {
    this.#lastActivity = new Date();
    this.#options.recorder.take(message);
    for (const { outbox } of this.#clients.values()) outbox.send(message);
  }

  #say(state: 'starting' | 'dead'): void {
    const content = { execution_state: state };
    this.#publish(new MessageFactory(systemClock).make('iopub', 'status', null, { content }));
  }

  #forget(sessionId: string): void {
    const client = this.#clients.get(sessionId);
    if (!client || client.outbox.isConnected) return;
    if (client.expiry) clearTimeout(client.expiry);
    this.#clients.delete(sessionId);
    this.#life?.core.forget(client.outbox);
  }
}

/** A line on a client's stderr that is about its connection, not about a cell. */
function lostNotice(lost: number): JupyterMessage {
  const content = { name: 'stderr', text: `[${lost} messages were lost: this page was away, or too slow for them]\n` };
  return new MessageFactory(systemClock).make('iopub', 'stream', null, { content });
}
