import { INITIAL_CREDIT_BYTES, LabError } from '../../protocol/index.js';

/** Receives the payloads of one stream; `end` comes once, also when the channel is lost. */
export interface StreamListener {
  data(payload: Uint8Array): void;
  end(): void;
}

/**
 * Given on top of the first credit, so that a fast record stream is never idle for a round trip, and what a large ring
 * still holds at the end of its run arrives whole.
 */
const EXTRA_CREDIT_BYTES = 31 * 1024 * 1024;
/** Credit is returned in pieces of this size: one small frame per 256 KiB received. */
const CREDIT_STEP_BYTES = 256 * 1024;

interface Inbound {
  listener: StreamListener;
  owedBytes: number;
  isWidened: boolean;
}

interface Outbound {
  creditBytes: number;
  waiting: (() => void)[];
  isClosed: boolean;
}

/** Both directions of all DATA streams of a connection: who listens, and who may send how much. */
export class AgentStreams {
  readonly #inbound = new Map<number, Inbound>();
  readonly #outbound = new Map<number, Outbound>();
  readonly #sendCredit: (stream: number, bytes: number) => void;
  #isLost = false;

  constructor(sendCredit: (stream: number, bytes: number) => void) {
    this.#sendCredit = sendCredit;
  }

  listen(stream: number, listener: StreamListener): void {
    if (this.#isLost) {
      listener.end();
      return;
    }
    this.#inbound.set(stream, { listener, owedBytes: 0, isWidened: false });
  }

  /** The other side knows the stream: its full window is opened before the first payload. */
  widen(stream: number): void {
    const inbound = this.#inbound.get(stream);
    if (inbound !== undefined && !inbound.isWidened) {
      inbound.isWidened = true;
      this.#sendCredit(stream, EXTRA_CREDIT_BYTES);
    }
  }

  /** A payload came; it is the listener's only until it returns, then its bytes are credited. */
  receive(stream: number, payload: Uint8Array): void {
    const inbound = this.#inbound.get(stream);
    if (inbound === undefined) {
      // Nobody listens any more (an unsubscribe that crossed): the sender must still not stall.
      this.#sendCredit(stream, payload.length);
      return;
    }
    if (!inbound.isWidened) {
      inbound.isWidened = true;
      inbound.owedBytes += EXTRA_CREDIT_BYTES;
    }
    inbound.listener.data(payload);
    inbound.owedBytes += payload.length;
    if (inbound.owedBytes >= CREDIT_STEP_BYTES) {
      this.#sendCredit(stream, inbound.owedBytes);
      inbound.owedBytes = 0;
    }
  }

  receiveEnd(stream: number): void {
    const inbound = this.#inbound.get(stream);
    this.#inbound.delete(stream);
    inbound?.listener.end();
  }

  receiveCredit(stream: number, bytes: number): void {
    const outbound = this.#outboundOf(stream);
    outbound.creditBytes += bytes;
    const waiting = outbound.waiting.splice(0);
    for (const wake of waiting) {
      wake();
    }
  }

  /** Takes up to `wantedBytes` of credit, waiting for some when there is none. */
  async takeCredit(stream: number, wantedBytes: number): Promise<number> {
    const outbound = this.#outboundOf(stream);
    while (outbound.creditBytes === 0) {
      this.#refuseWhenLost();
      await new Promise<void>(resolve => outbound.waiting.push(resolve));
      if (outbound.isClosed) throw new LabError('BPFLAB_TARGET_LOST', 'The stream was ended before all was sent.');
    }
    this.#refuseWhenLost();
    const bytes = Math.min(wantedBytes, outbound.creditBytes);
    outbound.creditBytes -= bytes;
    return bytes;
  }

  /** No more DATA goes out on it; who still waits for credit is refused. */
  closeOutbound(stream: number): void {
    const outbound = this.#outbound.get(stream);
    this.#outbound.delete(stream);
    if (outbound === undefined) return;
    outbound.isClosed = true;
    for (const wake of outbound.waiting.splice(0)) {
      wake();
    }
  }

  /** The channel is gone: every listener gets its end, every waiting sender its error. */
  lose(): void {
    this.#isLost = true;
    const listeners = [...this.#inbound.values()];
    this.#inbound.clear();
    for (const { listener } of listeners) {
      listener.end();
    }
    for (const { waiting } of this.#outbound.values()) {
      for (const wake of waiting.splice(0)) {
        wake();
      }
    }
  }

  #outboundOf(stream: number): Outbound {
    let outbound = this.#outbound.get(stream);
    if (outbound === undefined) {
      outbound = { creditBytes: INITIAL_CREDIT_BYTES, waiting: [], isClosed: false };
      this.#outbound.set(stream, outbound);
    }
    return outbound;
  }

  #refuseWhenLost(): void {
    if (this.#isLost) {
      throw new LabError('BPFLAB_TARGET_LOST', 'Cannot send to the target: its agent is gone.');
    }
  }
}
