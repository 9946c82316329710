/** The five sockets of a kernel, bound where its front end expects them. */
import { Publisher, Reply, Router, type Socket } from 'zeromq';
import type { Channel, JupyterMessage } from '../../core/kernel/jupyter-message.js';
import type { ConnectionFile } from './connection-file.js';
import { decodeFrames, encodeFrames } from './signed-frames.js';

/** Channels on which clients ask. */
type AskingChannel = Exclude<Channel, 'iopub'>;
type Sender = { send(frames: Uint8Array[]): Promise<void> };

/** How long what was sent may still take to leave when the sockets are closed. */
const LINGER_MS = 1000;

/** Bound sockets. `close` lets go what was sent. */
export class KernelSockets {
  readonly #file: ConnectionFile;
  readonly #routers: Record<AskingChannel, Router>;
  readonly #iopub = new Publisher({ linger: LINGER_MS, sendHighWaterMark: 0 });
  readonly #heartbeat = new Reply({ linger: 0 });
  /** A socket takes one message at a time. */
  readonly #turns = new Map<Sender, Promise<void>>();

  private constructor(file: ConnectionFile) {
    this.#file = file;
    // Replies wait for a slow client without a bound, as in other kernels: it has asked for each of them.
    const options = { linger: LINGER_MS, sendHighWaterMark: 0, receiveHighWaterMark: 0, handover: true };
    this.#routers = { shell: new Router(options), control: new Router(options), stdin: new Router(options) };
  }

  /** Binds all of them; the heartbeat answers from now on. */
  static async bind(file: ConnectionFile): Promise<KernelSockets> {
    const sockets = new KernelSockets(file);
    const { shell, control, stdin } = sockets.#routers;
    await Promise.all([
      sockets.#bindTo(shell, file.shell_port),
      sockets.#bindTo(control, file.control_port),
      sockets.#bindTo(stdin, file.stdin_port),
      sockets.#bindTo(sockets.#iopub, file.iopub_port),
      sockets.#bindTo(sockets.#heartbeat, file.hb_port)
    ]);
    void sockets.#beat();
    return sockets;
  }

  /** Gives every message of a client to `take`; what is malformed or not signed is told to `refuse`. */
  receive(
    take: (channel: AskingChannel, identities: Uint8Array[], message: JupyterMessage) => void,
    refuse: (reason: string) => void
  ): void {
    for (const channel of ['control', 'shell', 'stdin'] as const) void this.#read(channel, take, refuse);
  }

  /** Sends to the client of these identities. */
  send(channel: AskingChannel, identities: Uint8Array[], message: JupyterMessage): void {
    this.#enqueue(this.#routers[channel], encodeFrames(message, identities, this.#file.key));
  }

  /** Sends to every client that listens. */
  publish(message: JupyterMessage): void {
    const topic = Buffer.from(`kernel.${message.header.msg_type}`);
    this.#enqueue(this.#iopub, encodeFrames(message, [topic], this.#file.key));
  }

  /** Resolves when everything was given to ZeroMQ, which lets it go. */
  async close(): Promise<void> {
    await Promise.all(this.#turns.values());
    for (const socket of [...Object.values(this.#routers), this.#iopub, this.#heartbeat]) socket.close();
  }

  #bindTo(socket: Socket, port: number): Promise<void> {
    const { transport, ip } = this.#file;
    return (socket as Router).bind(transport === 'ipc' ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`);
  }

  async #beat(): Promise<void> {
    for await (const frames of this.#heartbeat) await this.#heartbeat.send(frames);
  }

  async #read(
    channel: AskingChannel,
    take: Parameters<KernelSockets['receive']>[0],
    refuse: (reason: string) => void
  ): Promise<void> {
    for await (const frames of this.#routers[channel]) {
      try {
        const { identities, message } = decodeFrames(frames, channel, this.#file.key);
        take(
          channel,
          identities.map(identity => Uint8Array.from(identity)),
          message
        );
      } catch (error) {
        refuse((error as Error).message);
      }
    }
  }

  #enqueue(socket: Sender, frames: Uint8Array[]): void {
    const before = this.#turns.get(socket) ?? Promise.resolve();
    // A client that is gone cannot be sent to; the others go on.
    const turn = before.then(() => socket.send(frames)).catch(() => undefined);
    this.#turns.set(socket, turn);
  }
}
