import { randomInt } from 'node:crypto';
import { AgentRequestError } from '../../core/agent/agent-request-error.js';
import { printkTagWrites } from '../../core/instrument/printk-tag.js';
import type { MapSpec } from '../../core/index.js';
import { globalBytes, toHex } from '../../core/session/global-bytes.js';
import { refusalDiagnosis } from '../../core/session/refusal-diagnosis.js';
import { isSilentLog } from '../../core/verifier/is-silent-log.js';
import { LabError, type LoadedMap, type Request } from '../../protocol/index.js';
import type { BpfCell } from './bpf-cell.js';
import { showDiagnosis } from './cell-context.js';
import { collectText } from './collect-text.js';
import { foldVerifierLog } from './fold-verifier-log.js';
import { putContent } from './place-file.js';

type LoadRequest = Extract<Request, { verb: 'load' }>;

/**
 * Puts the object into the target and loads it, with the globals, programs and maps that the cell asks for.
 *
 * @throws AgentRequestError as the agent refuses; the verifier's refusal is shown in the cell before, with its whole log
 */
export async function loadObject(cell: BpfCell): Promise<void> {
  const { run, build, spec, object } = cell;
  const log = collectText(run.connection);
  await putContent(run.connection, build.loadable, build.sha256);
  try {
    const request = {
      sha256: build.sha256,
      object_name: spec.name,
      globals: [...spec.options.set.map(setting => globalBytes(object, setting)), ...tagWrites(cell)],
      maps: mapOptions(cell),
      programs: programOptions(cell)
    };
    run.loaded = {
      request,
      programNames: object.programs.map(program => program.name),
      body: spec.body,
      bodyLine: spec.bodyLine
    };
    const result = await run.connection.request('load', {
      ...request,
      run: run.id,
      log_stream: log.stream
    });
    run.programs = result.programs;
    run.maps = result.maps;
  } catch (error) {
    if (error instanceof AgentRequestError && error.code === 'BPFLAB_VERIFIER_REJECTED') {
      const said = await log.text();
      if (isSilentLog(said)) throw silentRefusal(error);
      const { core } = cell.context;
      throw showRefusal(cell, error, await foldVerifierLog(core, spec.name, said));
    }
    throw error;
  }
}

const silentRefusal = (error: AgentRequestError): LabError =>
  new LabError(
    'BPFLAB_LOAD_FAILED',
    `The kernel does not load "${error.subject}": ${error.errno}, and the verifier gives no reason.`,
    { cause: error }
  );

/** The run's own number in the formats of its prints; none in an object that was not instrumented. */
function tagWrites(cell: BpfCell): { map: string; offset: number; bytes: string }[] {
  const tag = randomInt(1, 0xffff_ffff);
  const writes = printkTagWrites(cell.object, tag);
  cell.run.printkTag = writes.length === 0 ? null : tag;
  return writes.map(({ section, offset, bytes }) => ({ map: section, offset, bytes: toHex(bytes) }));
}

/** Shows the refusal in the cell; answers it as the error that ends the cell, whose text does not repeat the log. */
function showRefusal(cell: BpfCell, error: AgentRequestError, log: string): LabError {
  const { spec, build } = cell;
  const { bundle, text } = refusalDiagnosis({ error, log, object: build.object, cell: spec });
  showDiagnosis(cell.context, bundle, text);
  return new LabError('BPFLAB_VERIFIER_REJECTED', bundle.message, { hint: bundle.hint, cause: error });
}

/** Only what differs from libbpf's own choice is said. */
function programOptions(cell: BpfCell): NonNullable<LoadRequest['programs']> {
  const { only } = cell.spec.options;
  const programs: NonNullable<LoadRequest['programs']> = {};
  for (const program of cell.object.programs) {
    const isWanted = only.length === 0 ? !program.optional : only.includes(program.name);
    const target = cell.targets.get(program.name);
    if (isWanted === program.optional || target !== undefined) {
      programs[program.name] = {
        ...(isWanted === program.optional ? { autoload: isWanted } : {}),
        ...(target === undefined ? {} : { attach_target: { prog_id: target.id, func: target.func } })
      };
    }
  }
  return programs;
}

function mapOptions(cell: BpfCell): NonNullable<LoadRequest['maps']> {
  const options: NonNullable<LoadRequest['maps']> = {};
  for (const map of cell.object.maps) {
    const old = cell.run.takenOver.find(one => isSameShape(map, one));
    if (map.type === 'ringbuf' && (map.keySize > 0 || map.valueSize > 0)) {
      options[map.name] = { clear_sizes: true };
    } else if (old !== undefined) {
      options[map.name] = { reuse_id: old.id };
    }
  }
  return options;
}

function isSameShape(map: MapSpec, old: LoadedMap): boolean {
  return (
    map.name === old.name &&
    map.type === old.type &&
    map.keySize === old.key_size &&
    map.valueSize === old.value_size &&
    map.maxEntries === old.max_entries
  );
}
