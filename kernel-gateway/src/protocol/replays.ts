/** The player of a recorded session, over HTTP: what a front end sees of it and asks it for. */
import { z } from 'zod';

/** Below the base URL; the id of the kernel that plays follows. */
export const REPLAYS_PATH = 'bpflab/api/replays';

/** How a player stands. Times are of the recording. */
export interface PlayerState {
  position_ms: number;
  duration_ms: number;
  speed: number;
  is_playing: boolean;
  /** A place is being looked for. */
  is_seeking: boolean;
  /** Beginnings of cells, for marks. */
  cells: { cell: string; at_ms: number }[];
}

/** `POST …/<kernel>`: what the player shall do; answered with its state when it is done. */
export const playerCommandSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('play'), speed: z.number().positive().max(100).optional() }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('seek'), position_ms: z.number().nonnegative() })
]);

/** See `playerCommandSchema`. */
export type PlayerCommand = z.output<typeof playerCommandSchema>;
