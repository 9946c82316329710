import type { RunRecord } from '../../core/session/session-state.js';
import type { LoadedProgram } from '../../protocol/index.js';
import type { LiveRun } from './live-run.js';
import type { SessionCore } from './session-core.js';

/** A program of a run that is alive. */
export interface LoadedOfRun {
  record: RunRecord;
  run: LiveRun;
  program: LoadedProgram;
}

/** The loaded programs of a session's live runs on one target, the newest first: of those of one name that is meant. */
export function loadedPrograms(core: SessionCore, target: string): LoadedOfRun[] {
  const programs = core
    .liveRuns()
    .filter(record => record.target === target)
    .flatMap(record => {
      const run = core.runs.get(record.id);
      return run === undefined ? [] : run.programs.map(program => ({ record, run, program }));
    });
  return programs.reverse();
}
