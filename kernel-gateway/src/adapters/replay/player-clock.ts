import type { SessionClock } from '../../core/session/session-clock.js';
import type { PlaybackClock } from './playback-clock.js';

/** The clock of a player: goes at a rate, stands still, waits at a limit, is set. One life of a session sees it go forward only. */
export class PlayerClock implements PlaybackClock {
  readonly #listeners = new Set<() => void>();
  #baseUs = 0;
  #sinceMs = performance.now();
  #rate = 0;
  #limitUs = 0;

  nowUs(): number {
    const goneUs = this.#rate === 0 ? 0 : (performance.now() - this.#sinceMs) * 1000 * this.#rate;
    return Math.min(Math.max(this.#limitUs, this.#baseUs), this.#baseUs + goneUs);
  }

  delayMs(atUs: number): number | null {
    const waitUs = atUs - this.nowUs();
    if (waitUs <= 0) return 0;
    return this.#rate === 0 || atUs > this.#limitUs ? null : Math.ceil(waitUs / 1000 / this.#rate);
  }

  asked(atUs: number): void {
    if (atUs > this.nowUs() && this.#rate > 0) this.set(Math.min(atUs, this.#limitUs));
  }

  /** 0: stands still. */
  setRate(rate: number): void {
    this.#change(this.nowUs(), rate);
  }

  /** Does not go beyond this time until the limit is moved. */
  setLimit(limitUs: number): void {
    const nowUs = this.nowUs();
    this.#limitUs = limitUs;
    this.#change(nowUs, this.#rate);
  }

  set(atUs: number): void {
    this.#change(atUs, this.#rate);
  }

  onSet(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back when the clock shows `atUs`; the returned function takes it back. */
  at(atUs: number, then: () => void): () => void {
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      stop();
    };
    const look = (): void => {
      clearTimeout(timer);
      const delayMs = this.delayMs(atUs);
      if (delayMs === null) return;
      // Also what is due now comes later: nobody is called back from within his own call.
      timer = setTimeout(() => {
        if (this.nowUs() < atUs) return look();
        end();
        then();
      }, delayMs);
    };
    const stop = this.onSet(look);
    look();
    return end;
  }

  /** The same time for the session that plays. */
  forSession(): SessionClock {
    return {
      nowMs: () => this.nowUs() / 1000,
      after: (delayMs, then) => this.at(this.nowUs() + delayMs * 1000, then)
    };
  }

  #change(atUs: number, rate: number): void {
    this.#baseUs = atUs;
    this.#sinceMs = performance.now();
    this.#rate = rate;
    for (const listener of [...this.#listeners]) listener();
  }
}
