import type { MapSpec, TypeTable } from '../../../core/index.js';
import { createMapStore, isPerCpu } from '../../../core/store/map-store.js';
import type { StackShape } from '../../../core/symbols/recognize-stacks.js';
import { eachEntry, readStackEntry, type StackEntry } from '../../../core/symbols/stack-entries.js';
import { StackStore } from '../../../core/symbols/stack-store.js';
import type { LoadedMap } from '../../../protocol/index.js';
import type { LiveRun } from '../live-run.js';
import { readMap } from '../open-map-view.js';
import type { SessionCore } from '../session-core.js';
import { StackReader } from './stack-reader.js';

/** Who shows stacks waits so long for their names; later ones come when they are there. */
const NAMES_WAIT_MS = 2000;

/** Opens a view of a map that counts stacks: as stacks by name, and as the plain map that it is. */
export function openStackView(
  core: SessionCore,
  options: { run: LiveRun; map: MapSpec; loaded: LoadedMap; types: TypeTable; shape: StackShape }
): void {
  const { run, map, loaded, types, shape } = options;
  const { connection } = run;
  const cpus = connection.hello.cpus_possible;
  const rows = createMapStore({ types, map, cpus, histogram: null });
  const store = new StackStore(rows);
  const layout = { keyBytes: map.keySize, valueBytes: map.valueSize, cpus: isPerCpu(map.type) ? cpus : 1 };
  const reader = new StackReader(connection, shape, new Map(run.maps.map(({ name, id }) => [name, id])));
  const id = `${run.id}.${map.name}`;
  let digest = '';
  /** Contents whose stacks have names; and the work on the newest ones. */
  let named = '';
  let naming: Promise<void> | null = null;
  core.openView(
    { id, run: run.id, kind: 'stacks', title: map.name, isPolled: true },
    {
      store,
      notes: [],
      alternatives: ['map'],
      source: map.name,
      maxEntries: map.maxEntries,
      refresh: async () => {
        const entries: StackEntry[] = [];
        const both = {
          rowBytes: rows.rowBytes,
          begin: () => rows.begin(),
          commit: () => rows.commit(),
          settle: () => rows.settle(),
          append: (payload: Uint8Array) => {
            eachEntry(payload, bytes => entries.push(readStackEntry(bytes, shape, layout)));
            rows.append(payload);
          }
        };
        const read = await readMap(connection, { mapId: loaded.id, store: both, before: digest });
        digest = read.digest;
        if (read.digest !== named && naming === null) {
          naming = reader.profile(entries).then(
            profile => {
              named = read.digest;
              store.setProfile(profile);
              core.viewChanged(id);
            },
            () => undefined
          );
          void naming.then(() => (naming = null));
        }
      },
      named: () => withinTime(naming)
    }
  );
}

/** Waits for the names, but not so long that the rows would have to wait for a busy target. */
async function withinTime(work: Promise<void> | null): Promise<void> {
  if (work === null) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => (timer = setTimeout(resolve, NAMES_WAIT_MS)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
