import { isComplete } from '../../core/cells/is-complete.js';
import { parseCell } from '../../core/cells/parse-cell.js';
import type {
  AgentConnection,
  CellInput,
  CellOutcome,
  CellOutput,
  CellSpec,
  InvalidCell,
  Session,
  ViewRows,
  VerifierLogOf,
  ViewSubscription
} from '../../core/index.js';
import type { CompletionItem } from '../../core/language/completion.js';
import type { RowsRequest } from '../../core/store/store-rows.js';
import type { RunRecord } from '../../core/session/session-state.js';
import type {
  InspectAnswers,
  InspectRequest,
  LabAnswer,
  LabRequest,
  LabState,
  LanguageAnswers,
  LanguageAsk,
  SessionCommand,
  SessionStatus,
  WindowRequest
} from '../../protocol/index.js';
import { compileBpfCell } from './bpf-cell.js';
import { failedOutcome, type CellContext } from './cell-context.js';
import { EditorDesk } from './editor-desk.js';
import { Inspector } from './inspector/inspector.js';
import { executeInLab } from './labs/execute-in-lab.js';
import { performCommand } from './perform-command.js';
import { runSpec } from './run-spec.js';
import { judgeLesson, type JudgedName } from './judge-lesson.js';
import { SessionCore, type SessionOptions, type ViewObserver } from './session-core.js';
import { openRows } from './open-rows.js';
import { readVerifierLog } from './verifier-log.js';
import type { SendWindow } from './view-windows.js';

/** A map that takes longer than this to read is not read again just because a cell ends. */
const QUICK_READ_MS = 200;

/** One person's session: executes cells on targets and keeps what they leave alive. Whoever makes it closes it. */
export class LabSession implements Session {
  readonly id: string;
  readonly #core: SessionCore;
  readonly #inspector: Inspector;
  readonly #editors: EditorDesk;
  #abort = new AbortController();
  #unnamedCells = 0;
  #closing: Promise<void> | null = null;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#core = new SessionCore(options);
    this.#inspector = new Inspector(this.#core);
    this.#editors = new EditorDesk(this.#core);
  }

  execute(
    cell: { text: string; cellId: string; input?: CellInput },
    output: (output: CellOutput) => void
  ): Promise<CellOutcome> {
    this.#core.recorder.beginCell(cell.cellId, cell.text);
    return this.executeSpec(parseCell(cell.text), cell, output).finally(() => this.#core.recorder.endCell(cell.cellId));
  }

  /** As `execute`, for a cell that is parsed already. */
  async executeSpec(
    spec: CellSpec | InvalidCell,
    { cellId, input }: { cellId: string; input?: CellInput },
    output: (output: CellOutput) => void
  ): Promise<CellOutcome> {
    const core = this.#core;
    this.#abort = new AbortController();
    // Front ends that do not name their cells must not have one cell for all.
    const id = cellId === '' ? `cell-${++this.#unnamedCells}` : cellId;
    const context: CellContext = { core, cellId: id, signal: this.#abort.signal, ...(input ? { input } : {}) };
    core.outputs.setSink(output);
    core.dispatch({ op: 'start_cell', cellId: id });
    try {
      if (spec.kind === 'invalid') {
        throw spec.error;
      }
      return await executeInLab(context, () => runSpec(context, spec));
    } catch (error) {
      return failedOutcome(error);
    } finally {
      await this.#readQuickMaps();
      core.dispatch({ op: 'end_cell', nowMs: core.now() });
      core.outputs.setSink(null);
    }
  }

  interrupt(): void {
    this.#abort.abort();
  }

  command(command: SessionCommand): Promise<void> {
    return command.type === 'record' ? this.#core.recorder.perform(command.name) : performCommand(this.#core, command);
  }

  status(): SessionStatus {
    return this.#core.status();
  }

  onStatus(listener: (status: SessionStatus) => void): void {
    this.#core.onStatus(listener);
  }

  onOutput(listener: (output: CellOutput) => void): void {
    this.#core.outputs.onLate(listener);
  }

  openView(view: string, window: WindowRequest, send: SendWindow): ViewSubscription | null {
    const live = this.#core.views.get(view);
    return live === undefined ? null : this.#core.windows.open(view, live, window, send);
  }

  openRows(view: string, request: RowsRequest): Promise<ViewRows | null> {
    return openRows(this.#core, view, request);
  }

  verifierLog(run: string, program: string): Promise<VerifierLogOf> {
    return readVerifierLog(this.#core, run, program);
  }

  async complete(
    text: string,
    cursor: number
  ): Promise<{ matches: string[]; start: number; end: number; items: CompletionItem[] }> {
    const found = await this.#editors.complete(text, cursor);
    return { ...found, matches: found.items.map(item => item.text) };
  }

  inspect(text: string, cursor: number): Promise<{ found: boolean; text: string }> {
    return this.#editors.inspect(text, cursor);
  }

  language<K extends LanguageAsk['kind']>(ask: Extract<LanguageAsk, { kind: K }>): Promise<LanguageAnswers[K]> {
    return this.#editors.answer(ask) as Promise<LanguageAnswers[K]>;
  }

  examine(request: InspectRequest): Promise<InspectAnswers[keyof InspectAnswers]> {
    return this.#inspector.answer(request);
  }

  /** What kernels make of the programs beside the notebook; `only`: of that one, if there is one of that name. */
  judgeLesson(only: string, signal: AbortSignal): Promise<JudgedName[]> {
    return judgeLesson(this.#core, { folder: '', only, signal: AbortSignal.any([signal, this.#abort.signal]) });
  }

  openLab(): Promise<LabState> {
    return this.#core.labDesk.open();
  }

  onLabState(listener: (state: LabState) => void): void {
    this.#core.labDesk.onState(listener);
  }

  askLab(request: Pick<LabRequest, 'type' | 'step'>): Promise<LabAnswer> {
    return this.#core.labDesk.answer(request);
  }

  /** Runs the clean-up of the notebook's lab in the target. */
  cleanUpLab(): Promise<void> {
    return this.#core.labDesk.cleanUp();
  }

  isComplete(text: string): 'complete' | 'incomplete' | 'invalid' {
    return isComplete(text);
  }

  /** Compiles a BPF cell for its skeleton only: a `%%user` program that follows loads it itself. */
  async buildSkeleton(
    spec: Extract<CellSpec, { kind: 'bpf' }>,
    output: (output: CellOutput) => void
  ): Promise<CellOutcome> {
    const core = this.#core;
    this.#abort = new AbortController();
    core.outputs.setSink(output);
    try {
      const compiled = await compileBpfCell({ core, cellId: spec.name, signal: this.#abort.signal }, spec);
      return compiled.kind === 'built' ? { kind: 'ok' } : compiled;
    } catch (error) {
      return failedOutcome(error);
    } finally {
      core.outputs.setSink(null);
    }
  }

  /** All runs that are known, the newest last. */
  runs(): RunRecord[] {
    return [...this.#core.state.runs.values()];
  }

  /** The connection to the target that cells use now, opened when there is none; it stays the session's. */
  connection(): Promise<AgentConnection> {
    const { targets } = this.#core;
    return targets.connection(targets.nameFor(null), new AbortController().signal);
  }

  /** Hears of views and their data as they come: for clients in this process that read stores themselves. */
  observe(observer: ViewObserver): void {
    this.#core.observe(observer);
  }

  close(): Promise<void> {
    this.interrupt();
    this.#core.labDesk.close();
    this.#closing ??= this.#core.close().then(() => this.#core.options.onClosed());
    return this.#closing;
  }

  /** So that the snapshots which go out before the idle are the newest. */
  async #readQuickMaps(): Promise<void> {
    const views = [...this.#core.state.views.values()].filter(
      view => view.isPolled && !view.isEnded && !view.isPolling && view.pollIntervalMs < QUICK_READ_MS * 10
    );
    await Promise.all(views.map(view => this.#core.polls.readView(view.id)));
  }
}
