/** A check that takes longer than this is given up when a newer text comes; a shorter one is about to end anyway. */
const PATIENCE_MS = 400;

/** Checks one text at a time, and of those that come meanwhile only the newest. */
export class NewestCheck<T> {
  readonly #run: (text: string, signal: AbortSignal) => Promise<T>;
  #current: { abort: AbortController; startMs: number } | null = null;
  #next: { text: string; settle: (answer: T | null | Promise<T | null>) => void } | null = null;

  constructor(run: (text: string, signal: AbortSignal) => Promise<T>) {
    this.#run = run;
  }

  /** The outcome for a text; null when a newer text overtook it. Rejects as the check does. */
  ask(text: string): Promise<T | null> {
    this.#next?.settle(null);
    const asked = new Promise<T | null>(settle => (this.#next = { text, settle }));
    const current = this.#current;
    if (current === null) void this.#work();
    else if (performance.now() - current.startMs > PATIENCE_MS) current.abort.abort();
    return asked;
  }

  async #work(): Promise<void> {
    for (let one = this.#next; one; one = this.#next) {
      this.#next = null;
      const current = { abort: new AbortController(), startMs: performance.now() };
      this.#current = current;
      const outcome = this.#run(one.text, current.abort.signal).catch((error: unknown) => {
        if (current.abort.signal.aborted) return null;
        throw error;
      });
      one.settle(outcome);
      await outcome.catch(() => undefined);
    }
    this.#current = null;
  }
}
