/** One reading of a node's clock: asked and answered at these times of day of the gateway. */
interface ClockReading {
  askedMs: number;
  answeredMs: number;
  /** The node's CLOCK_MONOTONIC in between. */
  monotonicNs: bigint;
}

/** So many readings are kept: clocks drift apart, so that an old one is worth less than its error says. */
const KEPT = 8;

/**
 * How far a node's CLOCK_MONOTONIC is from the gateway's time of day. The reading that took the least time is the best one:
 * the node has read its clock within it, and half of it is the largest possible error.
 */
export class NodeClock {
  #readings: ClockReading[] = [];

  take(reading: ClockReading): void {
    this.#readings = [...this.#readings, reading].slice(-KEPT);
  }

  /** Added to CLOCK_MONOTONIC it gives the gateway's time of day; 0 before the first reading. */
  get offsetNs(): bigint {
    const best = this.#best();
    if (best === null) return 0n;
    const middleMs = (best.askedMs + best.answeredMs) / 2;
    return BigInt(Math.round(middleMs * 1000)) * 1000n - best.monotonicNs;
  }

  /** Milliseconds of the slowest reading that is kept: there and back. */
  get roundTripMs(): number {
    return Math.max(0, ...this.#readings.map(took));
  }

  #best(): ClockReading | null {
    return this.#readings.reduce<ClockReading | null>(
      (best, one) => (best === null || took(one) < took(best) ? one : best),
      null
    );
  }
}

function took({ askedMs, answeredMs }: ClockReading): number {
  return answeredMs - askedMs;
}
