/**
 * What a kernel says to one client (one `session_id`), in order, across lost sockets.
 *
 * Without a socket, or when the socket is slow, messages wait here. Windows, session states and display updates carry the
 * whole state, so a newer one replaces the one that waits: a slow reader gets fewer of them, never old ones.
 */
import type { JupyterMessage, KernelClient } from '../../../core/kernel/jupyter-message.js';

/** Where messages go while a client is connected. */
export interface MessageSocket {
  /** Bytes that were given to the socket and that the client will not have soon. */
  readonly bufferedBytes: number;
  /** `sent` is called when the client has the bytes; never when the socket is lost. */
  send(message: JupyterMessage, sent: () => void): void;
  /** Closes the socket after what was sent. */
  close(): void;
}

/**
 * Bytes that may be on their way before messages are held back: they come however old they are, and a client of 10 KB/s
 * needs six seconds for them.
 */
const SOCKET_HIGH_BYTES = 64 * 1024;
/** Bound of what waits for a client; beyond it the oldest is dropped and counted. */
const BACKLOG_BYTES = 32 * 1024 * 1024;

interface Waiting {
  message: JupyterMessage;
  bytes: number;
}

/** A client's queue; kept for a while when its socket is lost. */
export class ClientOutbox implements KernelClient {
  readonly #waiting = new Map<string, Waiting>();
  readonly #backlogBytes: number;
  #waitingBytes = 0;
  #counter = 0;
  #lost = 0;
  readonly #lostNotice: (lost: number) => JupyterMessage;
  #socket: MessageSocket | null = null;

  /** `lostNotice` tells the client that so many messages were dropped, in the place where they would have stood. */
  constructor(lostNotice: (lost: number) => JupyterMessage, backlogBytes = BACKLOG_BYTES) {
    this.#lostNotice = lostNotice;
    this.#backlogBytes = backlogBytes;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  /** Sends what waits to `socket`, and from now on everything; a socket that it had is closed. */
  attach(socket: MessageSocket): void {
    this.#socket?.close();
    this.#socket = socket;
    this.#drain();
  }

  /** The socket is gone; a newer one that has taken its place stays. */
  detach(socket: MessageSocket): void {
    if (this.#socket === socket) this.#socket = null;
  }

  send(message: JupyterMessage): void {
    if (this.#waiting.size === 0 && this.#hasRoom()) {
      this.#socket?.send(message, () => this.#drain());
    } else this.#hold(message);
  }

  /** The kernel has ended: nothing more will come. */
  end(): void {
    this.#socket?.close();
  }

  /** Forgets what waits: it was of a kernel life that is over. */
  clear(): void {
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#lost = 0;
  }

  #hold(message: JupyterMessage): void {
    const key = stateKey(message) ?? `#${this.#counter++}`;
    this.#remove(key);
    const bytes = sizeOf(message);
    this.#waiting.set(key, { message, bytes });
    this.#waitingBytes += bytes;
    while (this.#waitingBytes > this.#backlogBytes && this.#waiting.size > 1) {
      this.#remove(this.#waiting.keys().next().value!);
      this.#lost++;
    }
  }

  #remove(key: string): void {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    this.#waitingBytes -= waiting.bytes;
    this.#waiting.delete(key);
  }

  #drain(): void {
    if (this.#lost > 0 && this.#hasRoom()) {
      this.#socket?.send(this.#lostNotice(this.#lost), () => this.#drain());
      this.#lost = 0;
    }
    for (const [key, { message }] of this.#waiting) {
      if (!this.#hasRoom()) return;
      this.#remove(key);
      this.#socket?.send(message, () => this.#drain());
    }
  }

  #hasRoom(): boolean {
    return this.#socket !== null && this.#socket.bufferedBytes < SOCKET_HIGH_BYTES;
  }
}

/** Same key: the newer message makes the older one pointless. Null: every message counts. */
function stateKey({ header, content }: JupyterMessage): string | null {
  if (header.msg_type === 'update_display_data') {
    return `display ${String((content['transient'] as { display_id?: unknown } | undefined)?.display_id)}`;
  }
  if (header.msg_type !== 'comm_msg') return null;
  const type = (content['data'] as { type?: unknown } | undefined)?.type;
  return type === 'window' || type === 'status' ? `comm ${String(content['comm_id'])} ${type}` : null;
}

function sizeOf({ content, buffers }: JupyterMessage): number {
  const text = content['text'];
  const json = typeof text === 'string' ? text.length : JSON.stringify(content).length;
  return buffers.reduce((sum, buffer) => sum + buffer.byteLength, json + 512);
}
