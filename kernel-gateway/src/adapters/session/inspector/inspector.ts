import { AgentRequestError } from '../../../core/agent/agent-request-error.js';
import type { AgentConnection } from '../../../core/index.js';
import { btfText } from '../../../core/session/btf-text.js';
import {
  LabError,
  type InspectAnswers,
  type InspectInventory,
  type InspectRequest,
  type InspectTypes
} from '../../../protocol/index.js';
import type { SessionCore } from '../session-core.js';
import { MapDumps } from './dump-map.js';
import { readCode, readTargetBtf } from './read-code.js';
import { readInventory } from './read-inventory.js';

/** Answers what is asked about the target of a session. It never starts one. */
export class Inspector {
  readonly #core: SessionCore;
  readonly #dumps: MapDumps;

  constructor(core: SessionCore) {
    this.#core = core;
    this.#dumps = new MapDumps(core);
  }

  /**
   * Answers a request; see `InspectAnswers`.
   *
   * @throws LabError BPFLAB_TARGET_LOST when there is no target, BPFLAB_DETACH_REFUSED, BPFLAB_MAP_UNKNOWN …
   */
  async answer(request: InspectRequest): Promise<InspectAnswers[keyof InspectAnswers]> {
    const connection = this.#core.targets.current(this.#core.state.target.name);
    if (request.type === 'inventory') {
      return connection === null ? this.#nothing() : readInventory(this.#core, connection);
    }
    if (connection === null) {
      throw new LabError('BPFLAB_TARGET_LOST', 'There is no target to look at; it starts with the next cell.');
    }
    return this.#act(connection, request);
  }

  async #act(
    connection: AgentConnection,
    request: Exclude<InspectRequest, { type: 'inventory' }>
  ): Promise<InspectAnswers[keyof InspectAnswers]> {
    switch (request.type) {
      case 'code':
        return readCode(this.#core, connection, request.program);
      case 'dump':
        return this.#dumps.read(connection, await this.#map(connection, request.map));
      case 'btf':
        return readTypes(connection, request.btf);
      case 'detach':
        await this.#detach(connection, request.link);
        return {};
      case 'unpin':
        await connection.request('unpin', { path: request.path });
        return {};
      case 'close':
        this.#dumps.close(request.map);
        return {};
    }
  }

  #nothing(): InspectInventory {
    const { name, state, message, kernelRelease } = this.#core.state.target;
    return {
      target: name,
      target_state: state,
      message,
      kernel_release: kernelRelease,
      programs: [],
      maps: [],
      links: [],
      btf: []
    };
  }

  async #map(connection: AgentConnection, id: number): Promise<InspectInventory['maps'][number]> {
    const { maps } = await readInventory(this.#core, connection);
    const map = maps.find(one => one.id === id);
    if (map === undefined) throw new LabError('BPFLAB_MAP_UNKNOWN', `There is no map with the id ${id} any more.`);
    return map;
  }

  /** The session's own links are taken back by whoever made them; others by force, where their kind allows it. */
  async #detach(connection: AgentConnection, id: number): Promise<void> {
    for (const run of this.#core.runs.values()) {
      const link = run.connection === connection ? run.links.find(one => one.link_id === id) : undefined;
      if (link !== undefined) {
        await connection.request('detach', { run: run.id, link: link.link });
        run.links.splice(run.links.indexOf(link), 1);
        return;
      }
    }
    try {
      await connection.request('link_detach', { link_id: id });
    } catch (error) {
      if (error instanceof AgentRequestError && error.errno === 'ENOENT')
        throw new LabError('BPFLAB_DETACH_REFUSED', `There is no link with the id ${id} any more.`);
      throw error;
    }
  }
}

async function readTypes(connection: AgentConnection, id: number): Promise<InspectTypes> {
  const { btf } = await connection.request('inspect', {});
  const found = btf.find(one => one.id === id);
  if (found?.is_kernel === true) {
    return { text: '/* The types of the kernel are many: ask for one with %btf NAME. */', types: 0 };
  }
  const types = await readTargetBtf(connection, id);
  return types === null ? { text: '', types: 0 } : btfText(types);
}
