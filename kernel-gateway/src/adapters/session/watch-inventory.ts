import type { Build, ObjectSpec, TypeTable } from '../../core/index.js';
import { FILTER_MAP } from '../../core/pod-filter/filter-object.js';
import { readObject } from '../../core/object/read-object.js';
import { isLive } from '../../core/session/session-state.js';
import { LabError, type LoadedMap, type Result, type RunProgram } from '../../protocol/index.js';
import type { LiveRun } from './live-run.js';
import { hasMapView, openGlobalsView, openMapView } from './open-map-view.js';
import type { SessionCore } from './session-core.js';

/** Applications load at their start; later looks are for those that take their time. */
const LOOKS_MS = [150, 350, 700, 1500, 3000, 6000];
const KERNEL_NAME_CHARS = 15;
const SECTION_MAP = /\.(data|bss|rodata)(\.\w+)?$/;

/**
 * Looks for the programs, maps and links that a process of the run has made, and opens views with the types of the
 * session's builds. Ends by itself with the run.
 */
export function watchInventory(core: SessionCore, run: LiveRun): void {
  // The numbers of maps are those of one kernel.
  if (run.connection.nodes !== undefined) return;
  const objects = [...core.builds.values()].map((build: Build) => readObject(build.object));
  const known = new Set<number>();
  const look = async (index: number): Promise<void> => {
    const record = core.state.runs.get(run.id);
    if (record === undefined || !isLive(record)) {
      return;
    }
    try {
      take(core, { run, objects, known }, await run.connection.request('inventory', { scope: 'session' }));
    } catch (error) {
      if (!(error instanceof LabError)) {
        throw error;
      }
      return;
    }
    schedule(index + 1);
  };
  const schedule = (index: number): void => {
    const delayMs = LOOKS_MS[Math.min(index, LOOKS_MS.length - 1)] ?? 6000;
    setTimeout(() => void look(index), delayMs).unref();
  };
  schedule(0);
}

interface Watched {
  run: LiveRun;
  objects: ObjectSpec[];
  known: Set<number>;
}

function take(core: SessionCore, watched: Watched, inventory: Result<'inventory'>): void {
  const { run, known } = watched;
  for (const map of inventory.maps.filter(one => one.run === run.id && !known.has(one.id))) {
    known.add(map.id);
    run.maps.push({ ...map, flags: 0 });
    openView(core, watched, { ...map, flags: 0 });
  }
  showGlobals(core, watched);
  const programs = inventory.programs.filter(one => one.run === run.id);
  const isNew = programs.some(one => !known.has(one.id));
  if (isNew) {
    programs.forEach(one => known.add(one.id));
    const facts = { programs: programs.map(one => card(one, inventory.links)) };
    core.dispatch({ op: 'describe_run', run: run.id, facts });
    core.dispatch({ op: 'show_run', run: run.id });
  }
}

/** The variables of the application's skeleton, when it is of one of the session's builds. */
function showGlobals(core: SessionCore, { run, objects }: Watched): void {
  if (run.object !== null) {
    return;
  }
  const sections = run.maps.filter(map => SECTION_MAP.test(map.name));
  const sizeOf = (object: ObjectSpec, section: string): number =>
    Math.max(0, ...object.globals.filter(one => one.section === section).map(one => one.offset + one.size));
  run.object =
    objects.find(object =>
      sections.some(map => {
        const section = SECTION_MAP.exec(map.name)?.[0] ?? '';
        const bytes = sizeOf(object, section);
        // The section's end is aligned.
        return bytes > 0 && map.value_size >= bytes && map.value_size - bytes < 16;
      })
    ) ?? null;
  openGlobalsView(core, run);
}

function openView(core: SessionCore, { run, objects }: Watched, loaded: LoadedMap): void {
  if (SECTION_MAP.test(loaded.name) || loaded.name === FILTER_MAP) {
    return;
  }
  const specs = objects.flatMap(object => object.maps.map(map => ({ map, types: object.types })));
  const found = specs.find(
    ({ map }) =>
      map.name.slice(0, KERNEL_NAME_CHARS) === loaded.name &&
      map.type === loaded.type &&
      map.keySize === loaded.key_size &&
      map.valueSize === loaded.value_size
  );
  const { map, types } = found ?? untyped(loaded);
  if (hasMapView(map) && map.type !== 'ringbuf' && map.type !== 'perf_event_array') {
    openMapView(core, { run, map: { ...map, name: loaded.name }, loaded, types });
  }
}

/** A map that no cell of the session describes is shown as bytes. */
function untyped(loaded: LoadedMap): { map: ObjectSpec['maps'][number]; types: TypeTable } {
  const map = {
    name: loaded.name,
    type: loaded.type,
    keySize: loaded.key_size,
    valueSize: loaded.value_size,
    maxEntries: loaded.max_entries,
    flags: loaded.flags,
    keyType: 0,
    valueType: 0,
    records: [],
    inner: null,
    pinByName: false
  };
  return { map, types: { types: [{ kind: 'void' }] } };
}

function card(program: Result<'inventory'>['programs'][number], links: Result<'inventory'>['links']): RunProgram {
  return {
    name: program.name,
    section: program.type,
    type: program.type,
    id: program.id,
    attached_to: links.find(link => link.prog_id === program.id)?.target ?? '',
    verified_insns: 0,
    jited_bytes: 0,
    run_count: '0',
    run_time_ns: '0'
  };
}
