/**
 * A websocket that knows how far its client is.
 *
 * The kernel's buffers, and those of every proxy on the way, take megabytes before a socket looks busy, which a client of
 * 10 KB/s reads for minutes: it would see the past. So the client is asked with pings, which come in order with the data
 * and are answered by every websocket client by itself.
 */
import type { WebSocket } from 'ws';

/** The client is asked after so many bytes. */
const ASK_BYTES = 8 * 1024;
const SECOND_MS = 1000;

interface Sent {
  /** Bytes of the connection up to the end of it. */
  upTo: number;
  arrived: () => void;
}

/** Counts what is on its way to the client. Ends with the socket, which its maker closes. */
export class AcknowledgedSocket {
  readonly #socket: WebSocket;
  readonly #waiting: Sent[] = [];
  #sent = 0;
  #asked = 0;
  #arrived = 0;
  /** When the second that is being counted began, and what had arrived then. */
  #second = { beganMs: performance.now(), arrived: 0 };
  #perSecond = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('pong', data => this.#acknowledge(Number(data.toString())));
  }

  /** Bytes on their way beyond what the client took in one second last. */
  get bufferedBytes(): number {
    return Math.max(0, this.#sent - this.#arrived - this.#perSecond);
  }

  /** `arrived` is called when the client has it, as far as it was asked; never when the connection is lost. */
  send(data: string | Uint8Array, arrived: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(data);
    this.#sent += typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength;
    this.#waiting.push({ upTo: this.#sent, arrived });
    if (this.#sent - this.#asked < ASK_BYTES) return;
    this.#asked = this.#sent;
    this.#socket.ping(String(this.#sent));
  }

  #acknowledge(upTo: number): void {
    // Pings that keep the connection alive say no number.
    if (!(upTo > this.#arrived && upTo <= this.#sent)) return;
    this.#arrived = upTo;
    const elapsedMs = performance.now() - this.#second.beganMs;
    if (elapsedMs >= SECOND_MS) {
      this.#perSecond = ((upTo - this.#second.arrived) * SECOND_MS) / elapsedMs;
      this.#second = { beganMs: performance.now(), arrived: upTo };
    }
    const rest = this.#waiting.findIndex(sent => sent.upTo > upTo);
    for (const { arrived } of this.#waiting.splice(0, rest < 0 ? this.#waiting.length : rest)) arrived();
  }
}
