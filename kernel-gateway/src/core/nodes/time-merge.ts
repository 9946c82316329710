import { DATA_HEADER_BYTES } from '../../protocol/index.js';

/** A payload of a record stream that waits for its turn. */
interface Held {
  node: number;
  timeUs: number;
  payload: Uint8Array;
}

/** How a merge is made. */
interface TimeMergeOptions {
  /** Bytes that may wait; with more, the oldest go on at once, in the order of what is there. */
  maxBytes: number;
  /** Takes payloads in order of their times. */
  deliver(payload: Uint8Array, node: number): void;
  /** A payload came so many microseconds behind a newer one of another node that has gone. */
  late?(node: number, byUs: number): void;
}

/**
 * Orders the payloads of several nodes' record streams by the time at which they were read. A payload waits until nothing
 * older can come any more, which the caller knows (`release`). What comes later all the same is delivered behind what has
 * gone: nothing is dropped. Payloads of one node always keep their order.
 */
export class TimeMerge {
  readonly #options: TimeMergeOptions;
  readonly #newestOfNode = new Map<number, number>();
  #held: Held[] = [];
  #heldBytes = 0;
  #deliveredUs = 0;

  constructor(options: TimeMergeOptions) {
    this.#options = options;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes a payload, whose bytes are copied; `offsetNs` makes its clock the common one. */
  push(payload: Uint8Array, node: number, offsetNs: bigint): void {
    // A better measurement of the clock must not turn two payloads of one node around.
    const timeUs = Math.max(timeOf(payload, offsetNs), this.#newestOfNode.get(node) ?? 0);
    this.#newestOfNode.set(node, timeUs);
    if (timeUs < this.#deliveredUs) this.#options.late?.(node, this.#deliveredUs - timeUs);
    this.#held.push({ node, timeUs, payload: payload.slice() });
    this.#heldBytes += payload.length;
    if (this.#heldBytes > this.#options.maxBytes) this.#deliver(held => held.length >> 1);
  }

  /** Everything up to that time of day (microseconds) has come: it goes on. */
  release(upToUs: number): void {
    this.#deliver(held => {
      const after = held.findIndex(one => one.timeUs > upToUs);
      return after < 0 ? held.length : after;
    });
  }

  /** Nothing more will come. */
  flush(): void {
    this.#deliver(held => held.length);
  }

  #deliver(count: (sorted: readonly Held[]) => number): void {
    if (this.#held.length === 0) return;
    const sorted = this.#held.sort((left, right) => left.timeUs - right.timeUs);
    const ready = sorted.splice(0, count(sorted));
    this.#held = sorted;
    for (const { payload, node, timeUs } of ready) {
      this.#heldBytes -= payload.length;
      this.#deliveredUs = Math.max(this.#deliveredUs, timeUs);
      this.#options.deliver(payload, node);
    }
  }
}

/** Microseconds of the common clock; 0 for a payload that is none. */
function timeOf(payload: Uint8Array, offsetNs: bigint): number {
  if (payload.length < DATA_HEADER_BYTES) return 0;
  const header = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Number((header.getBigUint64(16, true) + offsetNs) / 1000n);
}
