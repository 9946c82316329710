interface Waiter {
  isDone(): boolean;
  resolve(): void;
}

/** Those who wait for something to be so in a session. */
export class SessionWaiters {
  readonly #waiters = new Set<Waiter>();

  /** Resolves true when `isDone` holds, false when `signal` aborts or the time is over; asked after every change. */
  until(isDone: () => boolean, options: { signal: AbortSignal; timeoutMs: number | null }): Promise<boolean> {
    if (isDone()) {
      return Promise.resolve(true);
    }
    return new Promise(resolve => {
      const finish = (result: boolean): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        options.signal.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const waiter: Waiter = { isDone, resolve: () => finish(true) };
      const onAbort = (): void => finish(false);
      const timer = options.timeoutMs === null ? undefined : setTimeout(() => finish(isDone()), options.timeoutMs);
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
