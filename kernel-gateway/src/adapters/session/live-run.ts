import type { AgentConnection, Build, CellOutcome, GlobalSetting, ObjectSpec } from '../../core/index.js';
import type { LoadedMap, LoadedProgram, Request, Result } from '../../protocol/index.js';
import type { CellContext } from './cell-context.js';

/** An attachment of a run, as the agent answered it. */
export interface LiveLink extends Result<'attach'> {
  program: string;
}

/** A load, so that it can be repeated. */
export interface LoadedCell {
  request: Pick<Extract<Request, { verb: 'load' }>, 'sha256' | 'object_name' | 'globals' | 'maps' | 'programs'>;
  programNames: string[];
  body: string;
  bodyLine: number;
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
  /** What was asked of the agent at load, and the cell's text; null for runs that are no BPF cell. */
  loaded: LoadedCell | null;
  /** Number that its bpf_printk lines carry; null: they carry none. */
  printkTag: number | null;
  /** Runs its cell again with one more setting; null for runs that are no BPF cell. */
  reload: ((context: CellContext, setting: GlobalSetting) => Promise<CellOutcome>) | null;
  /** Streams of rings and prints: each resolves when its last record has arrived. */
  streams: { stream: number; ended: Promise<void> }[];
  /** Lets a process end by itself before it is killed, so that it can print its results. */
  beforeStop: (() => Promise<unknown>) | null;
  /** A stop waits for this: a run that takes over maps still needs them. */
  hold: Promise<void> | null;
  /** Maps of the cell's previous run that this one may take over (`--keep-maps`). */
  takenOver: LoadedMap[];
  /** Lets the previous run go, and resolves when it is gone. */
  releasePrevious: () => Promise<void>;
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
    loaded: null,
    printkTag: null,
    reload: null,
    streams: [],
    beforeStop: null,
    hold: null,
    takenOver: [],
    releasePrevious: () => Promise.resolve(),
    ended,
    markEnded
  };
}
