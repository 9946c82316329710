/** Recordings that are played: one player for each kernel whose notebook is of a recording. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../../core/decode/parse-json.js';
import { notebookMetadata } from '../../../core/kernel/notebook-metadata.js';
import { LabError, type PlayerCommand, type PlayerState } from '../../../protocol/index.js';
import { ReplayPlayer } from '../../replay/replay-player.js';
import type { SessionReplay } from '../../replay/session-replay.js';
import type { ContentsStore } from '../contents/contents-store.js';
import type { Notebook } from '../contents/notebook-file.js';
import type { KernelRegistry } from '../kernels/kernel-registry.js';
import type { OutputRecorder } from '../recorder/output-recorder.js';
import { kernelPlayer } from './kernel-player.js';

/** Ending of the notebooks that play a recording, in place of `.bpfrec`. */
const ENDING = '.replay.ipynb';
const metadataSchema = z.object({ metadata: z.object({ bpflab: z.object({ recording: z.string().max(1000) }) }) });

/** What the desk works with. */
export interface ReplayPlaces {
  store: ContentsStore;
  recorder: OutputRecorder;
}

/** Finds, makes and ends players. */
export class ReplayDesk {
  readonly #places: ReplayPlaces;
  readonly #players = new Map<string, ReplayPlayer>();

  constructor(places: ReplayPlaces) {
    this.#places = places;
  }

  /** The replay for a session that begins; undefined when the notebook is of no recording. @throws LabError `BPFLAB_TARGET_START` */
  async begin(kernel: string, notebook: string): Promise<SessionReplay | undefined> {
    const known = this.#players.get(kernel);
    if (known !== undefined) return known.beginLife();
    const recording = await this.#recordingOf(notebook);
    if (recording === null) return undefined;
    const player = await ReplayPlayer.open((await this.#places.store.root.existing(recording)).absolute);
    this.#players.set(kernel, player);
    return player.beginLife();
  }

  /** The notebook of a recording, made when it is not there; gives its path. */
  async open(recording: string): Promise<string> {
    const { store } = this.#places;
    const { absolute } = await store.root.existing(recording);
    const path = recording.replace(/(?:\.bpfrec)?$/, ENDING);
    if (await store.exists(path)) return path;
    const player = await ReplayPlayer.open(absolute);
    player.close();
    const content: Notebook = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { ...notebookMetadata, bpflab: { recording: recording.split('/').at(-1) } },
      cells: player.cells.map(({ id, type, source }) => {
        const cell = { cell_type: type, id, metadata: {}, source };
        return type === 'code' ? { ...cell, execution_count: null, outputs: [] } : cell;
      })
    };
    await store.save(path, { type: 'notebook', format: 'json', content, chunk: undefined });
    return path;
  }

  /** How the player of a kernel stands. @throws LabError `BPFLAB_REQUEST_UNKNOWN`, `BPFLAB_TARGET_START` */
  async state(registry: KernelRegistry, kernel: string): Promise<PlayerState> {
    return (await this.#player(registry, kernel)).state;
  }

  /** Resolves when it is done. @throws LabError `BPFLAB_REQUEST_UNKNOWN` */
  async perform(registry: KernelRegistry, id: string, command: PlayerCommand): Promise<PlayerState> {
    const player = await this.#player(registry, id);
    const kernel = registry.kernel(id);
    if (!this.#attached.has(player)) {
      this.#attached.add(player);
      const clear = (cells: string[]): void => {
        for (const { path, kernel: model } of registry.sessions) {
          if (model.id === id) this.#places.recorder.of(path).clear(cells);
        }
      };
      player.attach(kernelPlayer(kernel, clear));
    }
    if (command.type === 'play') await player.play(command.speed);
    else if (command.type === 'seek') await player.seek(command.position_ms);
    else player.pause();
    return player.state;
  }

  /** Ends the players of kernels that are gone. */
  end(kernel: string): void {
    this.#players.get(kernel)?.close();
    this.#players.delete(kernel);
  }

  closeAll(): void {
    for (const id of [...this.#players.keys()]) this.end(id);
  }

  readonly #starting = new Map<string, Promise<void>>();
  readonly #attached = new WeakSet<ReplayPlayer>();

  /** JupyterLab starts a kernel before it says for which notebook: then it gets its player when it is first asked for. */
  async #player(registry: KernelRegistry, kernel: string): Promise<ReplayPlayer> {
    const paths = registry.sessions.filter(({ kernel: { id } }) => id === kernel).map(({ path }) => path);
    if (!this.#players.has(kernel)) {
      const starting = this.#starting.get(kernel) ?? this.#start(registry, kernel, paths);
      this.#starting.set(kernel, starting);
      await starting.finally(() => this.#starting.delete(kernel));
    }
    const player = this.#players.get(kernel);
    if (player === undefined) {
      throw new LabError('BPFLAB_REQUEST_UNKNOWN', `The kernel ${kernel} plays no recording.`);
    }
    return player;
  }

  async #start(registry: KernelRegistry, id: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      if ((await this.begin(id, path)) !== undefined) return registry.kernel(id).restart();
    }
  }

  /** Path of the recording below the notebook folder, null when the notebook names none. */
  async #recordingOf(notebook: string): Promise<string | null> {
    if (!notebook.endsWith(ENDING)) return null;
    const { root } = this.#places.store;
    const place = await root.existing(notebook).catch(() => null);
    if (place === null) return null;
    const text = await readFile(place.absolute, 'utf8').catch(() => '');
    // A notebook that is broken is said to be so when it is opened.
    const read = metadataSchema.safeParse(parseJson(text));
    return read.success ? join(dirname(notebook), read.data.metadata.bpflab.recording) : null;
  }
}
