import { readProgramFunctions } from '../../core/object/read-trace.js';
import type { VerifierLogOf } from '../../core/session/ports.js';
import { isLive } from '../../core/session/session-state.js';
import { LabError, type ProgramTrace, type Request } from '../../protocol/index.js';
import { collectText } from './collect-text.js';
import type { LiveRun, LoadedCell } from './live-run.js';
import type { SessionCore } from './session-core.js';

type LoadRequest = Extract<Request, { verb: 'load' }>;

/** Asks the kernel for the whole log, of an accepted program too. */
const WHOLE_LOG = 2;
const FRAME = /^prog '[^']*': -- BEGIN PROG LOAD LOG --\n([\s\S]*?)-- END PROG LOAD LOG --\s*$/;

let reloads = 0;

/**
 * Loads one program of a run again, by itself and for its log only: nothing is attached, the maps of a live run are its own,
 * and what was loaded is gone when this resolves.
 *
 * @throws LabError BPFLAB_RUN_UNKNOWN when no run of a BPF cell has that program; as the agent refuses
 */
export async function readVerifierLog(core: SessionCore, run: string, program: string): Promise<VerifierLogOf> {
  const { live, loaded, functions } = findProgram(core, run, program);
  const { connection } = live;
  const log = collectText(connection);
  const again = `verify-${++reloads}-${run}`.slice(0, 40);
  const chosen = { autoload: true, log_level: WHOLE_LOG };
  const programs = Object.fromEntries(
    loaded.programNames.map(name => [
      name,
      { ...loaded.request.programs?.[name], ...(name === program ? chosen : { autoload: false }) }
    ])
  );
  const record = core.state.runs.get(run);
  const maps = record && isLive(record) ? sharedMaps(loaded.request, live.maps) : loaded.request.maps;
  try {
    await connection.request('load', { ...loaded.request, run: again, programs, maps, log_stream: log.stream });
    const text = await log.text();
    const trace = { program, functions, body: loaded.body, body_line: loaded.bodyLine };
    return { log: FRAME.exec(text)?.[1] ?? text, trace };
  } finally {
    // A load that failed has left nothing, and the agent does not know the run.
    await connection.request('stop', { run: again }).catch(() => undefined);
  }
}

interface LoadedProgram {
  live: LiveRun;
  loaded: LoadedCell;
  functions: ProgramTrace['functions'];
}

function findProgram(core: SessionCore, run: string, program: string): LoadedProgram {
  const live = core.runs.get(run);
  const functions = live?.build ? readProgramFunctions(live.build.object, program) : [];
  if (!live?.loaded || functions.length === 0) {
    throw new LabError('BPFLAB_RUN_UNKNOWN', `There is no run "${run}" with a program "${program}" that was loaded.`);
  }
  return { live, loaded: live.loaded, functions };
}

/** Data that the run's own programs work on is not made twice; sections of globals are small, and some are frozen. */
function sharedMaps(request: Pick<LoadRequest, 'maps'>, maps: { name: string; id: number }[]): LoadRequest['maps'] {
  const shared = { ...request.maps };
  for (const { name, id } of maps) if (!name.includes('.')) shared[name] = { reuse_id: id };
  return shared;
}
