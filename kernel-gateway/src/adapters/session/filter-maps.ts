import type { NodeMember } from '../../core/nodes/connected-nodes.js';
import { eachNode } from './each-node.js';
import type { LiveRun } from './live-run.js';

/** Cgroup ids by number of the node, which counts them for itself. */
export type GroupsByNode = ReadonlyMap<number, ReadonlySet<bigint>>;

/**
 * The maps by which a run's programs know the cgroups that they see: on each node those of that node. The maps are found by their name,
 * whoever loaded them: `%%bpf`, a skeleton, or bpftrace with wider values. Until a map is filled it lets nothing pass.
 */
export class FilterMaps {
  readonly #run: LiveRun;
  readonly #name: string;
  #wanted: GroupsByNode = new Map();
  /** What was written, by node and id of the map. */
  readonly #held = new Map<number, Map<number, Set<bigint>>>();
  #last: Promise<void> = Promise.resolve();

  /** The name is that of the maps, as the kernel has it. */
  constructor(run: LiveRun, name: string) {
    this.#run = run;
    this.#name = name;
  }

  /** Lets these cgroups pass from now on, and no others. @throws LabError as `eachNode` */
  set(wanted: GroupsByNode): Promise<void> {
    this.#wanted = wanted;
    return this.look();
  }

  /** Fills maps that were made since. @throws LabError as `eachNode` */
  look(): Promise<void> {
    const filled = this.#last.then(() => this.#fillAll());
    this.#last = filled.catch(() => undefined);
    return filled;
  }

  #fillAll(): Promise<void> {
    const lost = this.#run.connection.nodes?.verdicts(this.#run.id).filter(({ state }) => state === 'lost') ?? [];
    // It begins anew when it comes back, maybe with the same numbers.
    for (const { node } of lost) this.#held.delete(node);
    return eachNode(this.#run, member => this.#fill(member));
  }

  async #fill({ node, connection }: NodeMember): Promise<void> {
    const { maps } = await connection.request('inventory', { scope: 'session' });
    const before = this.#held.get(node);
    const held = new Map<number, Set<bigint>>();
    this.#held.set(node, held);
    for (const map of maps.filter(one => one.run === this.#run.id && one.name === this.#name)) {
      const has = before?.get(map.id) ?? new Set();
      held.set(map.id, has);
      const wanted = this.#wanted.get(node) ?? new Set();
      const added = [...wanted].filter(id => !has.has(id));
      const gone = [...has].filter(id => !wanted.has(id));
      const value = '01'.padEnd(map.value_size * 2, '0');
      const entries = added.map(id => ({ key: keyOf(id), value }));
      if (added.length > 0) await connection.request('map_update', { map_id: map.id, entries, flags: 0 });
      for (const id of added) has.add(id);
      if (gone.length > 0) await connection.request('map_delete', { map_id: map.id, keys: gone.map(keyOf) });
      for (const id of gone) has.delete(id);
    }
  }
}

/** A u64 key in the byte order of the target, as hex digits. */
function keyOf(id: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(id);
  return bytes.toString('hex');
}
