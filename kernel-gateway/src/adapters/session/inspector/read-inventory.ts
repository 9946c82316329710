import type { AgentConnection } from '../../../core/index.js';
import type {
  InspectBtf,
  InspectInventory,
  InspectLink,
  InspectMap,
  InspectOwner,
  InspectProgram,
  Result
} from '../../../protocol/index.js';
import { canReadMap } from '../open-map-view.js';
import { readTargetFile } from '../read-target-file.js';
import type { SessionCore } from '../session-core.js';

type Inventory = Result<'inventory'>;
type Facts = Result<'inspect'>;

const noFacts = {
  run_count: '0',
  run_time_ns: '0',
  xlated_bytes: 0,
  jited_bytes: 0,
  verified_insns: 0,
  map_ids: [],
  btf_id: 0
};

interface Owned {
  session: string;
  run: string;
  pids?: number[];
}

/** What is loaded in a target, joined from the agent's inventory, the kernel's own facts and the runs of the session. */
class InventoryReader {
  readonly #core: SessionCore;
  readonly #inventory: Inventory;
  readonly #facts: Facts;
  readonly #commands: ReadonlyMap<number, string>;

  constructor(core: SessionCore, inventory: Inventory, facts: Facts, commands: ReadonlyMap<number, string>) {
    this.#core = core;
    this.#inventory = inventory;
    this.#facts = facts;
    this.#commands = commands;
  }

  programs(): InspectProgram[] {
    const facts = new Map(this.#facts.programs.map(one => [one.id, one]));
    return this.#inventory.programs.map(program => {
      // Loaded between the two questions: the next answer has its numbers.
      const { id, ...known } = facts.get(program.id) ?? { ...noFacts, id: program.id };
      return {
        id,
        name: this.#programName(program.id) ?? program.name,
        type: program.type,
        tag: program.tag,
        owner: this.#owner(program),
        pinned: this.#pins('program', program.id),
        attached_to: this.#inventory.links
          .filter(link => link.prog_id === program.id)
          .map(link => [link.kind, link.target].filter(text => text !== '').join(' ')),
        run_count: known.run_count,
        run_time_ns: known.run_time_ns,
        xlated_bytes: known.xlated_bytes,
        jited_bytes: known.jited_bytes,
        verified_insns: known.verified_insns,
        map_ids: known.map_ids,
        btf_id: known.btf_id
      };
    });
  }

  maps(): InspectMap[] {
    const facts = new Map(this.#facts.maps.map(one => [one.id, one]));
    return this.#inventory.maps.map(map => ({
      id: map.id,
      name: this.#mapName(map.id) ?? map.name,
      type: map.type,
      key_size: map.key_size,
      value_size: map.value_size,
      max_entries: map.max_entries,
      owner: this.#owner(map),
      pinned: this.#pins('map', map.id),
      btf_id: facts.get(map.id)?.btf_id ?? 0,
      can_dump: canReadMap(map.type)
    }));
  }

  links(): InspectLink[] {
    const names = new Map(this.#inventory.programs.map(one => [one.id, this.#programName(one.id) ?? one.name]));
    return this.#inventory.links.map(link => ({
      id: link.id,
      kind: link.kind,
      program_id: link.prog_id,
      program: names.get(link.prog_id) ?? '',
      target: link.target,
      owner: this.#owner(link),
      pinned: this.#pins('link', link.id)
    }));
  }

  btf(programs: readonly InspectProgram[], maps: readonly InspectMap[]): InspectBtf[] {
    return this.#facts.btf.map(btf => {
      const users = [...programs, ...maps].filter(one => one.btf_id === btf.id);
      const owner = users.find(one => one.owner.is_own)?.owner ?? users[0]?.owner;
      return {
        ...btf,
        used_by: [...new Set(users.map(one => one.name))],
        owner: owner ?? { is_own: false, run: '', processes: [] }
      };
    });
  }

  #owner({ session, run, pids = [] }: Owned): InspectOwner {
    const isOwn = session === this.#core.options.id;
    return {
      is_own: isOwn,
      run: isOwn ? (this.#core.state.runs.get(run)?.name ?? run) : '',
      processes: isOwn ? [] : pids.map(pid => `${this.#commands.get(pid) ?? ''} (${pid})`.trim())
    };
  }

  #pins(kind: 'program' | 'map' | 'link', id: number): string[] {
    return this.#facts.pins.filter(pin => pin.kind === kind && pin.id === id).map(pin => pin.path);
  }

  /** The whole name; the kernel keeps 15 characters of it. */
  #programName(id: number): string | undefined {
    return this.#fromRuns(run => run.programs.find(one => one.id === id)?.name);
  }

  #mapName(id: number): string | undefined {
    return this.#fromRuns(run => run.maps.find(one => one.id === id)?.name);
  }

  #fromRuns<T>(
    find: (run: { programs: { id: number; name: string }[]; maps: { id: number; name: string }[] }) => T | undefined
  ): T | undefined {
    for (const run of this.#core.runs.values()) {
      const found = find(run);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

async function commandsOf(connection: AgentConnection, pids: readonly number[]): Promise<Map<number, string>> {
  const names = await Promise.all(
    pids.map(async pid => {
      try {
        const bytes = await readTargetFile(connection, { path: `/proc/${pid}/comm`, maxBytes: 64 });
        return [pid, Buffer.from(bytes).toString().trim()] as const;
      } catch {
        // It has ended since.
        return [pid, ''] as const;
      }
    })
  );
  return new Map(names);
}

/** What is loaded in the open target, by all or by the session. @throws LabError BPFLAB_TARGET_LOST */
export async function readInventory(
  core: SessionCore,
  connection: AgentConnection,
  scope: 'session' | 'target' = 'target'
): Promise<InspectInventory> {
  const [inventory, facts] = await Promise.all([
    connection.request('inventory', { scope }),
    connection.request('inspect', {})
  ]);
  const foreign = inventory.programs.filter(one => one.session !== core.options.id);
  const commands = await commandsOf(connection, [...new Set(foreign.flatMap(one => one.pids))]);
  const reader = new InventoryReader(core, inventory, facts, commands);
  const [programs, maps] = [reader.programs(), reader.maps()];
  return {
    target: core.state.target.name,
    target_state: 'ready',
    message: '',
    kernel_release: connection.hello.kernel_release,
    programs,
    maps,
    links: reader.links(),
    btf: reader.btf(programs, maps)
  };
}
