import type { TargetProvider } from '../../core/index.js';
import type { SessionClock } from '../../core/session/session-clock.js';
import type { RunBundle } from '../../protocol/index.js';

/** What a session needs to play a recording instead of using targets. */
export interface SessionReplay {
  /** Target that the recorded session began with. */
  target: string;
  /** Plays the recorded target of that name, each time it is opened the next one. */
  findProvider: (name: string) => TargetProvider | null;
  clock: SessionClock;
  firstRun: number;
  /** How long it took to begin a run, by its id. */
  timings: ReadonlyMap<string, RunBundle['timing_us']>;
  /** The session ends: what is on its way does not come any more, since its time may stand still. */
  onClosing: () => void;
  /** Gives the player what reads all maps of the session anew: at a place that was looked for, time stands still. */
  onRefresh: (refresh: () => Promise<void>) => void;
}
