import { LabError } from '../../protocol/index.js';

/** The end of a channel: it comes once, for one reason, and also late listeners hear of it. */
export class ChannelEnd {
  readonly #listeners: ((reason: string) => void)[] = [];
  #reason: string | null = null;

  get isReached(): boolean {
    return this.#reason !== null;
  }

  listen(listener: (reason: string) => void): void {
    const reason = this.#reason;
    if (reason === null) this.#listeners.push(listener);
    else queueMicrotask(() => listener(reason));
  }

  /** `reason` is one clause without capital and full stop; only the first one counts. */
  reach(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    for (const listener of this.#listeners.splice(0)) listener(reason);
  }

  /** What whoever writes to the channel is told. */
  error(): LabError {
    return new LabError('BPFLAB_TARGET_LOST', `The target is gone${this.#reason === null ? '' : `: ${this.#reason}`}.`);
  }
}
