import type { AgentConnection, Build, ObjectSpec } from '../../core/index.js';
import type { LoadedMap, LoadedProgram, Result } from '../../protocol/index.js';

/** An attachment of a run, as the agent answered it. */
export interface LiveLink extends Result<'attach'> {
  program: string;
}

/** What a run has in its target; kept by the session as long as the run is known, emptied when it ends. */
export interface LiveRun {
  readonly id: string;
  readonly connection: AgentConnection;
  programs: LoadedProgram[];
  maps: LoadedMap[];
  links: LiveLink[];
  object: ObjectSpec | null;
  build: Build | null;
  /** Streams of rings and prints: each resolves when its last record has arrived. */
  streams: { stream: number; ended: Promise<void> }[];
  /** A stop waits for this: a run that takes over maps still needs them. */
  hold: Promise<void> | null;
  /** Resolves when the run has ended, however. */
  readonly ended: Promise<void>;
  readonly markEnded: () => void;
}

/** A run that has nothing yet. */
export function newLiveRun(id: string, connection: AgentConnection): LiveRun {
  let markEnded = (): void => undefined;
  const ended = new Promise<void>(resolve => (markEnded = resolve));
  return {
    id,
    connection,
    programs: [],
    maps: [],
    links: [],
    object: null,
    build: null,
    streams: [],
    hold: null,
    ended,
    markEnded
  };
}
