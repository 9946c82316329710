/**
 * The lab of a session: which steps have passed, what their checks see, hints and solutions. It looks by itself after each
 * cell, and again when data come in later.
 */
import type { Lab } from '../../../core/labs/lab.js';
import { cellsWith } from '../../../core/labs/read-lab.js';
import { isSolved } from '../../../core/labs/lint-lab.js';
import { seenText } from '../../../core/labs/seen-text.js';
import {
  LabError,
  type LabAnswer,
  type LabRequest,
  type LabSolutionCell,
  type LabState,
  type LabStepState
} from '../../../protocol/index.js';
import { labCells } from '../../jupyter/labs/lab-notebook.js';
import type { SessionCore } from '../session-core.js';
import { isSlow, look, type CellEnd } from './look.js';
import { runQuietly } from './run-quietly.js';

/** Between data that come in and a new look. */
const LATE_LOOK_MS = 250;
/** A pause that is longer does not count as work on a step. */
const MAX_PAUSE_MS = 5 * 60_000;
const SCRIPT_TIMEOUT_MS = 60_000;

/** One lab in one session; made when the session's first cell runs, or a front end asks. */
export class LabDesk {
  readonly #core: SessionCore;
  #lab: Lab | null = null;
  #path: string | null = null;
  #steps: LabStepState[] = [];
  #cells = new Map<string, { name: string; step: string }>();
  readonly #ends = new Map<string, CellEnd>();
  readonly #listeners: ((state: LabState) => void)[] = [];
  #lateLook: NodeJS.Timeout | undefined;
  #lookedAt = '';
  #isLooking = false;
  #isSetUp = false;
  #isExecuting = false;
  #checkMs = 0;
  #activeMs: number;

  constructor(core: SessionCore) {
    this.#core = core;
    this.#activeMs = core.now();
    core.observe({ opened: () => undefined, changed: () => this.#lookLater() });
  }

  state(): LabState {
    const lab = this.#lab;
    return {
      type: 'lab',
      lab: lab?.id ?? '',
      title: lab?.title ?? '',
      language: lab?.language ?? 'en',
      minutes: lab?.minutes ?? 0,
      steps: this.#steps,
      current: this.#current(),
      check_ms: this.#checkMs
    };
  }

  /** Hears of every change; whoever asks first makes the lab known. */
  onState(listener: (state: LabState) => void): void {
    this.#listeners.push(listener);
  }

  /** Finds the lab that the notebook is of. */
  async open(): Promise<LabState> {
    const path = this.#core.options.notebook()?.path ?? '';
    if (path !== this.#path) {
      this.#path = path;
      this.#take(await this.#core.options.findLab());
    }
    return this.state();
  }

  /** Before a cell runs: the lab's set-up, once in each life of the target. */
  async beforeCell(): Promise<void> {
    this.#isExecuting = true;
    await this.open();
    const script = this.#lab?.setup ?? '';
    if (this.#core.state.target.state !== 'ready') this.#isSetUp = false;
    if (script === '' || this.#isSetUp) return;
    this.#isSetUp = true;
    const { exit, text } = await runQuietly(this.#core, script, SCRIPT_TIMEOUT_MS);
    if (exit !== 0) {
      const cause = text.trim().split('\n').at(-1) ?? '';
      throw new LabError('BPFLAB_LAB_SETUP', `The set-up of ${this.#lab?.id ?? ''} ended with ${exit} — ${cause}.`);
    }
  }

  /** After a cell: keeps how it ended and looks at its step, or at the current one. Gives the titles that passed by it. */
  async afterCell(cellId: string, end: CellEnd): Promise<string[]> {
    this.#isExecuting = false;
    if (this.#lab === null) return [];
    const cell = this.#cells.get(cellId);
    if (cell !== undefined && cell.name !== '') this.#ends.set(cell.name, end);
    const id = cell !== undefined && cell.step !== '' ? cell.step : this.#current();
    this.#spend();
    const step = this.#step(id);
    if (step === undefined) return [];
    const before = step.passed;
    step.attempts += 1;
    await this.#look(step, false);
    return step.passed && !before ? [step.title] : [];
  }

  /**
   * Answers a front end or a line magic.
   *
   * @throws LabError BPFLAB_LAB_UNKNOWN when the notebook is of no lab or has no such step
   */
  async answer({ type, step: wanted }: Pick<LabRequest, 'type' | 'step'>): Promise<LabAnswer> {
    await this.open();
    const lab = this.#lab;
    if (lab === null) throw new LabError('BPFLAB_LAB_UNKNOWN', 'This notebook is of no lab.');
    if (type === 'reset') return this.#reset(lab, wanted === '' ? null : this.#mustFind(lab, wanted));
    const step = this.#mustFind(lab, wanted);
    this.#spend();
    switch (type) {
      case 'check':
        await this.#look(step, true);
        return { text: checkText(step), cells: [] };
      case 'hint':
        return { text: this.#hint(lab, step), cells: [] };
      case 'solution':
        step.solution_seen = true;
        this.#tell();
        return { text: lab.solution?.text ?? '', cells: this.#solutionCells(lab, step.id) };
    }
  }

  /** What the lab left in the target goes; the target itself stays. */
  async cleanUp(): Promise<void> {
    const script = this.#lab?.cleanup ?? '';
    if (script !== '' && this.#core.targets.current(this.#core.state.target.name) !== null) {
      await runQuietly(this.#core, script, SCRIPT_TIMEOUT_MS);
    }
    this.#isSetUp = false;
  }

  close(): void {
    clearTimeout(this.#lateLook);
    this.#listeners.length = 0;
    this.#lab = null;
  }

  #take(lab: Lab | null): void {
    this.#lab = lab;
    this.#ends.clear();
    this.#isSetUp = false;
    const cells = lab === null ? [] : labCells(lab.parts, lab.id);
    this.#cells = new Map(
      cells.flatMap(({ cellId, part }) =>
        part.kind === 'code' ? [[cellId, { name: part.name, step: part.step }] as const] : []
      )
    );
    this.#steps = (lab?.steps ?? []).map(step => ({
      id: step.id,
      title: step.title,
      passed: false,
      checks: step.checks.map(check => ({
        id: check.id,
        title: inLanguage(check.title, lab),
        state: 'open',
        seen: ''
      })),
      hints: [],
      hint_count: step.hints.length,
      has_solution: lab !== null && isSolved(lab, step.id),
      solution_seen: false,
      cells: [...this.#cells].flatMap(([id, cell]) => (cell.step === step.id ? [id] : [])),
      attempts: 0,
      time_ms: 0
    }));
    this.#tell();
  }

  /** Looks at a step; at checks that execute a command only when somebody asks. */
  async #look(step: LabStepState, isAsked: boolean): Promise<void> {
    const lab = this.#lab;
    if (lab === null || step.checks.length === 0) return;
    this.#lookedAt = step.id;
    this.#isLooking = true;
    const startMs = this.#core.now();
    try {
      await this.#judge(lab, step, isAsked);
    } finally {
      this.#isLooking = false;
    }
    if (!isAsked) this.#checkMs = Math.round(this.#core.now() - startMs);
    if (step.checks.every(check => check.state === 'passed')) step.passed = true;
    this.#tell();
  }

  async #judge(lab: Lab, step: LabStepState, isAsked: boolean): Promise<void> {
    for (const check of lab.steps.find(one => one.id === step.id)?.checks ?? []) {
      const state = step.checks.find(one => one.id === check.id);
      if (state === undefined || (isSlow(check) && !isAsked)) continue;
      const { passed, seen } = await look(this.#core, check, this.#ends);
      state.state = passed ? 'passed' : 'failed';
      state.seen = seenText(seen, lab.language);
    }
  }

  /** Data that come in after a cell may be what a check waits for. */
  #lookLater(): void {
    const step = this.#step(this.#lookedAt);
    if (step === undefined || step.passed || this.#lateLook !== undefined || this.#isLooking || this.#isExecuting)
      return;
    this.#lateLook = setTimeout(() => {
      this.#lateLook = undefined;
      if (!this.#isLooking && !this.#isExecuting && !step.passed) void this.#look(step, false);
    }, LATE_LOOK_MS);
  }

  #hint(lab: Lab, step: LabStepState): string {
    const all = lab.steps.find(one => one.id === step.id)?.hints ?? [];
    const next = all[step.hints.length];
    if (next !== undefined) {
      step.hints = [...step.hints, next];
      this.#tell();
    }
    return next ?? step.hints.at(-1) ?? '';
  }

  #solutionCells(lab: Lab, step: string): LabSolutionCell[] {
    const solved = lab.solution === null ? [] : cellsWith(lab, [lab.solution]);
    const starters = cellsWith(lab, []);
    return [...this.#cells].flatMap(([cellId, cell]) => {
      const starter = starters.find(one => one.name === cell.name && one.step === step);
      const solution = solved.find(one => one.name === cell.name && one.step === step);
      const isOther = cell.name !== '' && cell.step === step && starter?.text !== solution?.text;
      return starter && solution && isOther
        ? [{ cell: cellId, name: cell.name, starter: starter.text, solution: solution.text }]
        : [];
    });
  }

  /** Stops all runs, cleans up and forgets what had passed, of a step or of the whole lab; gives its cells as they came. */
  async #reset(lab: Lab, only: LabStepState | null): Promise<LabAnswer> {
    await Promise.all(this.#core.liveRuns().map(run => this.#core.stop(run.id, 'the lab was reset')));
    await this.cleanUp();
    for (const step of only === null ? this.#steps : [only]) {
      step.passed = false;
      for (const check of step.checks) Object.assign(check, { state: 'open', seen: '' });
    }
    this.#tell();
    const cells = labCells(lab.parts, lab.id).flatMap(({ cellId, part }) =>
      part.kind === 'code' && (only === null || part.step === only.id)
        ? [{ cell: cellId, name: part.name, starter: part.text, solution: '' }]
        : []
    );
    return { text: '', cells };
  }

  #spend(): void {
    const now = this.#core.now();
    const step = this.#step(this.#current());
    if (step !== undefined && now - this.#activeMs < MAX_PAUSE_MS) step.time_ms += Math.round(now - this.#activeMs);
    this.#activeMs = now;
  }

  #current(): string {
    return this.#steps.find(step => !step.passed)?.id ?? '';
  }

  /** A step by its id; without one the current step, or the last of a lab that is done. */
  #mustFind(lab: Lab, id: string): LabStepState {
    const step = this.#step(id || this.#current() || (this.#steps.at(-1)?.id ?? ''));
    if (step === undefined) throw new LabError('BPFLAB_LAB_UNKNOWN', `${lab.id} has no step "${id.slice(0, 60)}".`);
    return step;
  }

  #step(id: string): LabStepState | undefined {
    return this.#steps.find(one => one.id === id);
  }

  #tell(): void {
    const state = this.state();
    for (const listener of this.#listeners) listener(state);
  }
}

const inLanguage = (title: { en: string; zh?: string | undefined }, lab: Lab | null): string =>
  lab?.language.startsWith('zh') === true ? (title.zh ?? title.en) : title.en;

function checkText(step: LabStepState): string {
  const lines = step.checks.map(check => `${check.state === 'passed' ? '✓' : '✗'} ${check.title} — ${check.seen}`);
  return [step.title, ...lines].join('\n');
}
