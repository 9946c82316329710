import type { AgentConnection, MapSpec } from '../../../core/index.js';
import type { ViewRecord } from '../../../core/session/session-state.js';
import { viewDisplay } from '../../../core/session/view-display.js';
import { createMapStore, type MapStore } from '../../../core/store/map-store.js';
import { LabError, Mime, type InspectMap, type InspectView, type ViewBundle } from '../../../protocol/index.js';
import type { LiveView } from '../live-view.js';
import { readMap } from '../open-map-view.js';
import type { SessionCore } from '../session-core.js';
import { readTargetBtf } from './read-code.js';

/** Entries of a map that is none of the session's: enough to look at. */
interface Dump {
  live: LiveView;
  store: MapStore;
  digest: string;
  connection: AgentConnection;
}

/** The maps whose contents an inspector looks at: views of the session that belong to no run. */
export class MapDumps {
  readonly #core: SessionCore;
  readonly #dumps = new Map<number, Dump>();

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Reads a map into its view, which is opened when there is none. @throws what the agent answers when the map is gone */
  async read(connection: AgentConnection, map: InspectMap): Promise<InspectView> {
    let dump = this.#dumps.get(map.id);
    if (dump?.connection !== connection) {
      this.close(map.id);
      dump = await this.#open(connection, map);
      this.#dumps.set(map.id, dump);
      this.#core.views.set(viewId(map.id), dump.live);
    }
    const read = await readMap(connection, { mapId: map.id, store: dump.store, before: dump.digest });
    dump.digest = read.digest;
    dump.live.notes.splice(0, dump.live.notes.length, ...(read.isComplete ? [] : ['not all entries are read']));
    this.#core.windows.changed(viewId(map.id));
    return { bundle: this.#bundle(map, dump) };
  }

  /** Drops the view. */
  close(map: number): void {
    this.#core.windows.drop(viewId(map));
    this.#core.views.delete(viewId(map));
    this.#dumps.delete(map);
  }

  async #open(connection: AgentConnection, map: InspectMap): Promise<Dump> {
    const { maps } = await connection.request('inspect', {});
    const facts = maps.find(one => one.id === map.id);
    if (facts === undefined)
      throw new LabError('BPFLAB_MAP_UNKNOWN', `There is no map with the id ${map.id} any more.`);
    const btf = await readTargetBtf(connection, facts.btf_id);
    const spec: MapSpec = {
      name: map.name,
      type: map.type,
      keySize: map.key_size,
      valueSize: map.value_size,
      maxEntries: map.max_entries,
      flags: facts.flags,
      keyType: btf === null ? 0 : facts.key_type,
      valueType: btf === null ? 0 : facts.value_type,
      records: [],
      inner: null,
      pinByName: false
    };
    const types = { types: btf?.types ?? [{ kind: 'void' as const }] };
    const cpus = connection.hello.cpus_possible;
    const store = createMapStore({ types, map: spec, cpus, histogram: null });
    const live: LiveView = {
      store,
      notes: [],
      alternatives: [],
      source: map.name,
      maxEntries: map.max_entries,
      refresh: null
    };
    return { live, store, digest: '', connection };
  }

  #bundle(map: InspectMap, dump: Dump): ViewBundle {
    const record: ViewRecord = {
      id: viewId(map.id),
      run: '',
      kind: 'map',
      title: map.name,
      isPolled: false,
      isPolling: false,
      polledAtMs: 0,
      pollIntervalMs: 0,
      viewers: 0,
      version: dump.store.version,
      shownVersion: 0,
      shownAtMs: 0,
      isEnded: false,
      isFinal: false
    };
    const facts = { session: this.#core.options.id, runState: 'attached' as const, live: dump.live };
    return viewDisplay(record, dump.store, facts)[Mime.view] as ViewBundle;
  }
}

const viewId = (map: number): string => `inspector.map-${map}`;
