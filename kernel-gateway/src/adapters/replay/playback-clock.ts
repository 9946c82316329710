/** Time of a recording as it is played, in µs since the recording began. */
export interface PlaybackClock {
  nowUs(): number;
  /** Milliseconds until the clock shows `atUs`; null while it stands still before it. */
  delayMs(atUs: number): number | null;
  /** The gateway asked what was asked at `atUs` in the recording; `isLate`: the clock stood at that question. */
  asked(atUs: number): void;
  /** Called when the clock was set, stopped or started; the returned function ends it. */
  onSet(listener: () => void): () => void;
}

/**
 * The clock of a channel that is played by itself: it goes with the channel's questions, so that what came after a question
 * comes after it with the recorded pause, however late it is asked.
 *
 * @param speed - 1: with the recorded pauses; Infinity: without
 */
export function createOwnClock(speed: number): PlaybackClock {
  let recordedUs = 0;
  let liveMs = performance.now();
  const nowUs = (): number =>
    speed === Infinity ? Infinity : recordedUs + (performance.now() - liveMs) * 1000 * speed;
  return {
    nowUs,
    delayMs: atUs => Math.max(0, Math.ceil((atUs - nowUs()) / 1000 / speed)) || 0,
    asked: atUs => {
      recordedUs = atUs;
      liveMs = performance.now();
    },
    onSet: () => () => undefined
  };
}
