import type { Readable, Writable } from 'node:stream';
import type { AgentChannel } from '../../core/index.js';
import { ChannelEnd } from './channel-end.js';

/** The parts of a started target that a channel is made of. */
export interface StreamChannelParts {
  /** Bytes of the agent. Errors of it are not reported here: `ended` says why the target is gone. */
  readable: Readable;
  /** Bytes to the agent. */
  writable: Writable;
  /** Resolves with one clause (no capital, no full stop) when the target is gone and everything it wrote has been read. Never rejects. */
  ended: Promise<string>;
  /** Ends the target; `ended` resolves afterwards. */
  end: () => void;
}

/**
 * An AgentChannel over a process's streams. Bytes that come before the first listener are kept for it.
 *
 * Whoever opens the channel closes it; `close` resolves when the target is gone.
 */
export class StreamChannel implements AgentChannel {
  readonly #parts: StreamChannelParts;
  readonly #early: Uint8Array[] = [];
  readonly #end = new ChannelEnd();
  #dataListener: ((bytes: Uint8Array) => void) | null = null;
  #drained: Promise<void> | null = null;

  constructor(parts: StreamChannelParts) {
    this.#parts = parts;
    parts.readable.on('data', (bytes: Uint8Array) => {
      if (this.#dataListener === null) this.#early.push(bytes);
      else this.#dataListener(bytes);
    });
    // Whoever looked at the stream before may have left it paused.
    parts.readable.resume();
    // EPIPE and ECONNRESET only say that the other side is gone; `ended` has the reason.
    parts.readable.on('error', () => undefined);
    parts.writable.on('error', () => undefined);
    void parts.ended.then(reason => this.#end.reach(reason));
  }

  write(bytes: Uint8Array): Promise<void> {
    const { writable } = this.#parts;
    if (this.#end.isReached || !writable.writable) return Promise.reject(this.#end.error());
    if (writable.write(bytes)) return Promise.resolve();
    this.#drained ??= this.#whenDrained().finally(() => (this.#drained = null));
    return this.#drained;
  }

  /** All writers wait for the same: a thousand requests at once are not a thousand listeners. */
  #whenDrained(): Promise<void> {
    const { writable } = this.#parts;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        writable.off('drain', settle);
        writable.off('close', settle);
        if (writable.destroyed) reject(this.#end.error());
        else resolve();
      };
      writable.on('drain', settle);
      writable.on('close', settle);
    });
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#dataListener = listener;
    for (const bytes of this.#early.splice(0)) listener(bytes);
  }

  onClose(listener: (reason: string) => void): void {
    this.#end.listen(listener);
  }

  async close(): Promise<void> {
    this.#parts.end();
    await this.#parts.ended;
  }
}
