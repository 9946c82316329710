import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sessionPath } from '../../core/cells/session-path.js';
import type { AgentChannel } from '../../core/index.js';
import { LabError, type RunBundle, type SessionCommand } from '../../protocol/index.js';
import { ContentsRoot } from '../jupyter/contents/contents-root.js';
import type { RecordedStep } from '../replay/recording-format.js';
import { SessionRecording } from '../replay/session-recording.js';
import type { SessionCore } from './session-core.js';

/** Ending of the name of a recording. */
const ENDING = '.bpfrec';
/** A cell that is about recording itself is not part of the show. */
const RECORD_CELL = /^\s*%record\b[^\n]*\s*$/;
/** Notebooks are put into the recording up to this size. */
const MAX_NOTEBOOK_BYTES = 8 * 1024 * 1024;

type NotebookCells = Extract<RecordedStep, { type: 'notebook' }>['cells'];

/** The recording of a session, when there is one: `%record`, the toolbar, `bpflab run --record`. */
export class SessionRecorder {
  readonly #core: SessionCore;
  #recording: SessionRecording | null = null;
  /** A file that is begun with the first target. */
  #pendingFile: string | null;

  constructor(core: SessionCore, pendingFile: string | null) {
    this.#core = core;
    this.#pendingFile = pendingFile;
  }

  /** Name of the file that is written now, empty when none is. */
  get fileName(): string {
    return this.#recording?.isOpen === true ? basename(this.#recording.file) : '';
  }

  /**
   * Begins a recording beside the notebook. Targets are opened anew, since a recording has to have them from their start.
   *
   * @throws LabError BPFLAB_FILE_PATH, BPFLAB_CONTENTS_PATH, BPFLAB_CONTENTS_MISSING
   */
  async begin(path: string, replace: boolean): Promise<string> {
    const place = this.#core.options.notebook();
    if (place === null) {
      throw new LabError('BPFLAB_FILE_PATH', 'Nothing is recorded — there is no notebook to put a file beside.', {
        hint: 'Use %record in a notebook; bpflab run has --record FILE.'
      });
    }
    const name = path.endsWith(ENDING) ? path : `${path}${ENDING}`;
    const root = await ContentsRoot.at(place.root);
    const { absolute } = await root.writable(join(dirname(place.path), sessionPath(name)));
    await this.end();
    await this.#core.targets.closeAll('a recording begins with a new target');
    await this.#begin(absolute, replace);
    this.#core.dispatch({ op: 'choose_target', name: this.#core.state.target.name });
    return name;
  }

  /** Ends the recording; resolves when the file is whole. Empty when there was none. */
  async end(): Promise<string> {
    const recording = this.#recording;
    this.#recording = null;
    if (recording === null) return '';
    const cells = await this.#notebookCells();
    if (cells.length > 0) recording.step({ type: 'notebook', cells });
    if (recording.isOpen) await recording.close();
    this.#core.dispatch({ op: 'choose_target', name: this.#core.state.target.name });
    return basename(recording.file);
  }

  /** Writes down what goes over a channel, when there is a recording. */
  async wrap(channel: AgentChannel, names: { target: string; session: string }): Promise<AgentChannel> {
    const file = this.#pendingFile;
    this.#pendingFile = null;
    if (file !== null) await this.#begin(file, true);
    return this.#recording?.wrap(channel, names) ?? channel;
  }

  /** Begins a recording of that name; an empty one ends it. @throws as `begin` */
  async perform(name: string): Promise<void> {
    await (name === '' ? this.end() : this.begin(name, false));
  }

  beginCell(cell: string, code: string): void {
    if (!RECORD_CELL.test(code)) this.#recording?.step({ type: 'begin', cell, code });
  }

  endCell(cell: string): void {
    this.#recording?.step({ type: 'end', cell });
  }

  timeRun(run: string, timingUs: RunBundle['timing_us']): void {
    this.#recording?.step({ type: 'timed', run, timing_us: timingUs });
  }

  command(command: SessionCommand): void {
    this.#recording?.step({ type: 'command', command });
  }

  async #begin(file: string, replace: boolean): Promise<void> {
    const { target, nextRun } = this.#core.state;
    const header = { target: target.name, first_run: nextRun };
    this.#recording = await SessionRecording.begin(file, header, {
      replace,
      onError: ({ message }) => {
        const told = `The recording cannot be written: ${message}.`;
        this.#core.dispatch({ op: 'narrate_target', name: this.#core.state.target.name, message: told });
      }
    });
  }

  /** The notebook as it was saved last, for its text; none when it cannot be read. */
  async #notebookCells(): Promise<NotebookCells> {
    const place = this.#core.options.notebook();
    if (place === null || place.path === '') return [];
    try {
      const { absolute } = await (await ContentsRoot.at(place.root)).existing(place.path);
      const text = await readFile(absolute, 'utf8');
      if (text.length > MAX_NOTEBOOK_BYTES) return [];
      const { cells } = JSON.parse(text) as { cells: { id?: string; cell_type: string; source: string | string[] }[] };
      return cells.map(({ id, cell_type: type, source }) => ({
        id: id ?? '',
        type: type === 'code' ? 'code' : 'markdown',
        source: Array.isArray(source) ? source.join('') : source
      }));
    } catch {
      // A recording without the notebook's text is one all the same.
      return [];
    }
  }
}
