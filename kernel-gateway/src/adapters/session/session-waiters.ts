import type { SessionClock } from '../../core/session/session-clock.js';

interface Waiter {
  isDone(): boolean;
  resolve(): void;
}

/** Those who wait for something to be so in a session. */
export class SessionWaiters {
  readonly #waiters = new Set<Waiter>();
  readonly #clock: SessionClock;

  constructor(clock: SessionClock) {
    this.#clock = clock;
  }

  /** Resolves true when `isDone` holds, false when `signal` aborts or the time is over; asked after every change. */
  until(isDone: () => boolean, options: { signal: AbortSignal; timeoutMs: number | null }): Promise<boolean> {
    if (isDone()) {
      return Promise.resolve(true);
    }
    return new Promise(resolve => {
      const finish = (result: boolean): void => {
        this.#waiters.delete(waiter);
        takeBack?.();
        options.signal.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const waiter: Waiter = { isDone, resolve: () => finish(true) };
      const onAbort = (): void => finish(false);
      const { timeoutMs } = options;
      const takeBack = timeoutMs === null ? null : this.#clock.after(timeoutMs, () => finish(isDone()));
      options.signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      if (options.signal.aborted) {
        finish(false);
      }
    });
  }

  /** Something has changed: whoever has what it waits for goes on. */
  changed(): void {
    for (const waiter of this.#waiters) {
      if (waiter.isDone()) {
        waiter.resolve();
      }
    }
  }
}
