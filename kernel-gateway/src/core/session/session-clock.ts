/** The time of a session: the machine's, or that of a recording that is played. */
export interface SessionClock {
  /** Milliseconds; never goes back within a session. */
  nowMs(): number;
  /** Calls back when so much of this time has passed; the returned function takes it back. */
  after(delayMs: number, then: () => void): () => void;
}
