import { createHash } from 'node:crypto';
import { AgentRequestError } from '../../core/agent/agent-request-error.js';
import { formatValue } from '../../core/decode/value-text.js';
import { recognizeHistogram, type HistogramShape } from '../../core/decode/recognize-histogram.js';
import type { AgentConnection, GlobalSpec, MapSpec, TypeTable } from '../../core/index.js';
import { LOST_SECTION } from '../../core/instrument/instrument.js';
import { globalControl } from '../../core/session/global-control.js';
import { settableGlobals } from '../../core/session/global-bytes.js';
import { hasCounters, mapCounters } from '../../core/session/map-counters.js';
import { mapEditing } from '../../core/session/map-edit.js';
import { TableStore } from '../../core/session/table-store.js';
import { bucketCounters, ViewHistory, type Counter } from '../../core/session/view-history.js';
import { createMapStore, type MapStore } from '../../core/store/map-store.js';
import { DATA_HEADER_BYTES, type LoadedMap } from '../../protocol/index.js';
import type { LiveRun } from './live-run.js';
import { MapEditor } from './map-editor.js';
import type { SessionCore } from './session-core.js';

/** Entries, and bytes of entries, that a view reads of a map at most; its notes say what is left out. */
const MAX_VIEW_ENTRIES = 1_000_000;
const MAX_VIEW_BYTES = 256 * 1024 * 1024;

/** Between values of a global that differ from node to node. */
const DIFFERENT = ' | ';

/** Bytes of sections by name. */
type Sections = ReadonlyMap<string, Uint8Array>;

/** Map types whose entries mean nothing outside of the kernel, or that cannot be read. */
const withoutView: ReadonlySet<string> = new Set([
  'prog_array',
  'cgroup_array',
  'array_of_maps',
  'hash_of_maps',
  'devmap',
  'devmap_hash',
  'sockmap',
  'sockhash',
  'cpumap',
  'xskmap',
  'reuseport_sockarray',
  'struct_ops',
  'bloom_filter',
  'user_ringbuf',
  'arena',
  'insn_array'
]);

/** True for maps whose contents can be read and shown. */
export function hasMapView(map: MapSpec): boolean {
  return !withoutView.has(map.type);
}

/** True for types of maps whose contents can be read by walking over them. */
export function canReadMap(type: string): boolean {
  return !withoutView.has(type) && !/ring|perf|queue|^stack$|bloom|storage/.test(type);
}

/** Opens a view of a map: a histogram where its name and shape say so, else a grid. */
export function openMapView(
  core: SessionCore,
  options: { run: LiveRun; map: MapSpec; loaded: LoadedMap; types: TypeTable }
): void {
  const { run, map, loaded, types } = options;
  const histogram = recognizeHistogram(types, map);
  const { nodes } = run.connection;
  const store = createMapStore({ types, map, cpus: run.connection.hello.cpus_possible, histogram, nodes });
  const id = `${run.id}.${map.name}`;
  const notes: string[] = [];
  const history = mapHistory(store, histogram, map.maxEntries === 1);
  // Which of the nodes would it be for?
  const editing = nodes === undefined ? mapEditing(map) : null;
  const shape = { types, map, cpus: run.connection.hello.cpus_possible };
  let digest = '';
  let isRefused = false;
  core.openView(
    { id, run: run.id, kind: histogram === null ? 'map' : 'histogram', title: map.name, isPolled: true },
    {
      store,
      notes,
      alternatives: histogram === null ? [] : ['map'],
      source: map.name,
      maxEntries: map.maxEntries,
      ...(history === null ? {} : { history: history.course }),
      ...(editing === null
        ? {}
        : {
            editor: new MapEditor({ connection: run.connection, mapId: loaded.id, shape, editing })
          }),
      refresh: async () => {
        if (isRefused) {
          return;
        }
        const read = await readMap(run.connection, { mapId: loaded.id, store, before: digest }).catch(
          (error: unknown) => {
            isRefused = error instanceof AgentRequestError && error.code === 'BPFLAB_MAP_OPERATION';
            // Such as a queue: there is nothing to list, and the view says so.
            notes.splice(0, notes.length, ...(isRefused ? [(error as AgentRequestError).message] : []));
            throw error;
          }
        );
        digest = read.digest;
        const isCut = `only the first ${read.limit} entries are read`;
        notes.splice(0, notes.length, ...(read.isComplete ? [] : [isCut]));
        history?.sample();
      }
    }
  );
}

/** The course of a map's histogram or counters over time; null when there is nothing that counts. */
function mapHistory(
  store: MapStore,
  histogram: HistogramShape | null,
  isSingle: boolean
): { course: ViewHistory; sample(): void } | null {
  if (histogram === null && !hasCounters(store)) {
    return null;
  }
  const course = new ViewHistory(histogram === null ? 'rate' : 'heat', histogram?.unit ?? '');
  const counters = (): Counter[] =>
    histogram === null ? mapCounters(store, isSingle) : bucketCounters(store.histograms() ?? []);
  return { course, sample: () => course.take(counters(), Date.now(), performance.now()) };
}

/**
 * Reads a map into its store. Contents that are those of `before` change nothing there, so that a quiet map is not sent
 * again and again.
 *
 * @returns `isComplete` is false when there are more than the `limit` of entries that a view reads; `digest` stands for
 *   the contents
 */
export async function readMap(
  connection: AgentConnection,
  map: { mapId: number; store: Pick<MapStore, 'begin' | 'append' | 'commit' | 'settle' | 'rowBytes'>; before: string }
): Promise<{ isComplete: boolean; limit: number; digest: string }> {
  const stream = connection.newStream();
  const hash = createHash('md5');
  map.store.begin();
  const ended = new Promise<void>(resolve => {
    connection.onStream(stream, {
      data: (payload, node) => {
        hash.update(payload.subarray(DATA_HEADER_BYTES));
        map.store.append(payload, node);
      },
      end: resolve
    });
  });
  const limit = Math.min(MAX_VIEW_ENTRIES, Math.ceil(MAX_VIEW_BYTES / map.store.rowBytes));
  const { complete } = await connection.request('map_read', { map_id: map.mapId, stream, limit });
  await ended;
  const digest = hash.digest('hex');
  if (digest === map.before) {
    map.store.settle();
  } else {
    map.store.commit();
  }
  return { isComplete: complete, limit, digest };
}

/** Opens one view of all variables of the run: .data and .bss, which may change at any time, and .rodata. */
export function openGlobalsView(core: SessionCore, run: LiveRun): void {
  const { object } = run;
  const shown = object === null ? [] : settableGlobals(object).filter(isShown);
  if (object === null || shown.length === 0) {
    return;
  }
  const store = new TableStore([
    { name: 'name', kind: 'text', role: 'key' },
    { name: 'value', kind: 'text', role: 'value' }
  ]);
  core.openView(
    { id: `${run.id}.globals`, run: run.id, kind: 'globals', title: 'globals', isPolled: true },
    {
      store,
      notes: [],
      alternatives: [],
      source: 'globals',
      globals: shown.map(global => globalControl(object.types, global, run.reload !== null)),
      refresh: async () => {
        const nodes = await readSectionsByNode(run, new Set(shown.map(global => global.section)));
        const values = (global: GlobalSpec): string => {
          const different = new Set(nodes.map(sections => valueOf(object.types, global, sections)));
          return [...different].join(DIFFERENT);
        };
        store.replace(shown.map(global => [global.name, values(global)]));
      }
    }
  );
}

function isShown(global: GlobalSpec): boolean {
  return /^\.(data|bss|rodata)/.test(global.section) && global.section !== LOST_SECTION;
}

function valueOf(types: TypeTable, global: GlobalSpec, sections: ReadonlyMap<string, Uint8Array>): string {
  const bytes = sections.get(global.section)?.subarray(global.offset, global.offset + global.size);
  return bytes === undefined || bytes.length < global.size ? '' : formatValue(types, global.type, bytes);
}

/** Bytes of sections of globals as they are now, by the section's name; of many nodes, those of the first. */
export async function readSections(run: LiveRun, sections: ReadonlySet<string>): Promise<Sections> {
  const [first] = await readSectionsByNode(run, sections);
  return first ?? new Map<string, Uint8Array>();
}

/** The same of each node, in order of the nodes. */
export async function readSectionsByNode(run: LiveRun, names: ReadonlySet<string>): Promise<Sections[]> {
  const byNode = new Map<number, Map<string, Uint8Array>>();
  const { connection } = run;
  await Promise.all(
    [...names].map(async section => {
      const map = sectionMap(run, section);
      if (map === undefined) {
        return;
      }
      const fields = { map_id: map.id, key: '00000000' };
      const one = async () => [{ node: 0, result: await connection.request('map_lookup', fields) }];
      for (const { node, result } of await (connection.nodes?.ask('map_lookup', fields) ?? one())) {
        byNode.set(
          node,
          (byNode.get(node) ?? new Map<string, Uint8Array>()).set(section, Buffer.from(result.value, 'hex'))
        );
      }
    })
  );
  return [...byNode].sort(([left], [right]) => left - right).map(([, sections]) => sections);
}

/** The loaded map of a section: libbpf puts the start of the object's name in front of the four standard ones. */
export function sectionMap(run: LiveRun, section: string): LoadedMap | undefined {
  return run.maps.find(map => map.name === section || map.name.endsWith(section));
}
