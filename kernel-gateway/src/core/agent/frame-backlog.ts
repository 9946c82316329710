import { FrameKind, type FrameKindNumber } from '../../protocol/index.js';

const unnumbered: ReadonlySet<FrameKindNumber> = new Set([FrameKind.hello, FrameKind.ping, FrameKind.pong]);

/** Whether both sides count frames of this kind: those that a resumed session must not lose (bpf/agent/relay.c). */
export const isNumbered = (kind: FrameKindNumber): boolean => !unnumbered.has(kind);

/**
 * The newest frames that were sent, kept until the other side says that it has them: what it missed is sent again. Frames
 * are numbered from 1; the oldest go when more than `limitBytes` are kept.
 */
export class FrameBacklog {
  readonly #limitBytes: number;
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;
  #oldest = 1n;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps a whole frame, header included; the array must not be changed afterwards. */
  add(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    while (this.#bytes > this.#limitBytes && this.#frames.length > 1) this.#dropOldest();
  }

  /**
   * The frames behind number `received`, in order; those up to it are forgotten. Null when some of them are not kept any
   * more, or when more were received than were ever sent.
   */
  after(received: bigint): Uint8Array[] | null {
    const next = this.#oldest + BigInt(this.#frames.length);
    if (received + 1n < this.#oldest || received >= next) return null;
    while (this.#oldest <= received) this.#dropOldest();
    return [...this.#frames];
  }

  #dropOldest(): void {
    this.#bytes -= this.#frames.shift()?.length ?? 0;
    this.#oldest += 1n;
  }
}
