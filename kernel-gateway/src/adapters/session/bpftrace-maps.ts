import type { BpftraceMap } from '../../core/session/bpftrace-output.js';
import { mergeBpftraceMaps, type NodeMap } from '../../core/session/merge-bpftrace-maps.js';
import { TableStore } from '../../core/session/table-store.js';
import { SCRIPT_FILTER_MAP } from '../../core/pod-filter/restrict-script.js';
import type { SessionCore } from './session-core.js';

/** The maps that a script has printed, a view for each; on several nodes one for all of them. */
export class BpftraceMaps {
  readonly #core: SessionCore;
  readonly #run: string;
  readonly #stores = new Map<string, TableStore>();
  /** What each node printed last, by name of the map and number of the node. */
  readonly #byNode = new Map<string, Map<number, NodeMap>>();

  constructor(core: SessionCore, run: string) {
    this.#core = core;
    this.#run = run;
  }

  /** Takes what a node has printed; null: there is only one. */
  show(map: BpftraceMap, node: { number: number; name: string } | null): void {
    if (map.name === SCRIPT_FILTER_MAP) return;
    this.#put(node === null ? map : this.#merged(map, node));
  }

  #merged(map: BpftraceMap, { number, name }: { number: number; name: string }): BpftraceMap {
    const known = this.#byNode.get(map.name) ?? new Map<number, NodeMap>();
    this.#byNode.set(map.name, known.set(number, { node: name, map }));
    const [first, ...others] = [...known].sort(([left], [right]) => left - right).map(([, one]) => one);
    return first === undefined ? map : mergeBpftraceMaps([first, ...others]);
  }

  #put(map: BpftraceMap): void {
    const id = `${this.#run}.${map.name}`;
    const known = this.#stores.get(map.name);
    const store = known ?? new TableStore(map.columns);
    store.replace(map.rows, map.histograms);
    if (known === undefined) {
      this.#stores.set(map.name, store);
      const kind = map.histograms === null ? 'map' : 'histogram';
      this.#core.openView(
        { id, run: this.#run, kind, title: map.name, isPolled: false },
        { store, notes: [], alternatives: kind === 'map' ? [] : ['map'], source: map.name, refresh: null }
      );
    }
    this.#core.viewChanged(id);
  }
}
