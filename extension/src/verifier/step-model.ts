import { traceLineAt, VerifierSteps, type ProgramTrace, type VerifierStep } from 'kernel-gateway/protocol';

/** Which steps are shown: all that the verifier looked at, or the path to its last one. */
export type StepScope = 'all' | 'path';

/** Moves between steps. */
export type StepMove =
  | 'next'
  | 'previous'
  | 'first'
  | 'last'
  | 'nextLine'
  | 'previousLine'
  | 'nextBranch'
  | 'previousBranch';

/** The steps of a log, those that are shown, and the one that is looked at. */
export class StepModel {
  readonly log: VerifierSteps;

  constructor(lines: readonly string[], trace: ProgramTrace) {
    this.log = new VerifierSteps(lines);
    this._trace = trace;
    this._path = this.log.pathTo(this.log.steps.length - 1);
    this._shown = this.log.steps.map((_, index) => index);
  }

  /** Steps that are shown, by their index in the log. */
  get shown(): readonly number[] {
    return this._shown;
  }

  get scope(): StepScope {
    return this._scope;
  }

  /** Position in `shown` of the step that is looked at. */
  get position(): number {
    return this._position;
  }

  /** The step that is looked at, null when the log has none. */
  get current(): VerifierStep | null {
    return this.log.steps[this.index] ?? null;
  }

  get index(): number {
    return this._shown[this._position] ?? -1;
  }

  /** Whether the path to the last step leaves anything out. */
  get hasOtherPaths(): boolean {
    return this._path.length < this.log.steps.length;
  }

  setScope(scope: StepScope): void {
    const index = this.index;
    this._scope = scope;
    this._shown = scope === 'path' ? this._path : this.log.steps.map((_, at) => at);
    const position = this._shown.findLastIndex(one => one <= index);
    this._position = Math.max(0, position);
  }

  goTo(position: number): void {
    this._position = Math.min(Math.max(0, position), Math.max(0, this._shown.length - 1));
  }

  /** Goes to the first step that is shown of a C line of the cell, from the current one on and then from the beginning. */
  goToLine(line: number): boolean {
    const isThere = (position: number): boolean => this.lineAt(position)?.line === line;
    for (let away = 1; away <= this._shown.length; away++) {
      const position = (this._position + away) % this._shown.length;
      if (isThere(position)) {
        this._position = position;
        return true;
      }
    }
    return false;
  }

  move(move: StepMove): void {
    switch (move) {
      case 'next':
        return this.goTo(this._position + 1);
      case 'previous':
        return this.goTo(this._position - 1);
      case 'first':
        return this.goTo(0);
      case 'last':
        return this.goTo(this._shown.length - 1);
      case 'nextLine':
      case 'previousLine':
        return this._seek(
          move === 'nextLine' ? 1 : -1,
          (at, from) => this.lineAt(at)?.line !== this.lineAt(from)?.line
        );
      case 'nextBranch':
      case 'previousBranch':
        return this._seek(move === 'nextBranch' ? 1 : -1, at => this.stepAt(at)?.text.startsWith('if ') === true);
    }
  }

  stepAt(position: number): VerifierStep | null {
    return this.log.steps[this._shown[position] ?? -1] ?? null;
  }

  /** The C line of the step at a position. */
  lineAt(position: number): ReturnType<typeof traceLineAt> {
    const step = this.stepAt(position);
    return step === null ? null : traceLineAt(this._trace, step.insn);
  }

  /** Which way the verifier went on behind the step at a position; null when it is no branch or nothing follows. */
  isTaken(position: number): boolean | null {
    const step = this.stepAt(position);
    const next = this.stepAt(position + 1);
    const isFollowed = next !== null && next.parent === this._shown[position];
    if (step?.text.startsWith('if ') !== true || !isFollowed) {
      return null;
    }
    return next.insn !== step.insn + 1;
  }

  /** The instruction of the branch that the verifier went back to for this step; -1 when it just went on. */
  cameBackTo(position: number): number {
    const step = this.stepAt(position);
    const before = this._shown[position - 1] ?? -1;
    if (step === null || position === 0 || step.parent === before) {
      return -1;
    }
    return this.log.steps[step.parent]?.insn ?? -1;
  }

  private _seek(by: 1 | -1, isThere: (at: number, from: number) => boolean): void {
    const from = this._position;
    for (let at = from + by; at >= 0 && at < this._shown.length; at += by) {
      if (isThere(at, from)) {
        this._position = at;
        return;
      }
    }
  }

  private readonly _trace: ProgramTrace;
  private readonly _path: readonly number[];
  private _shown: readonly number[];
  private _scope: StepScope = 'all';
  private _position = 0;
}
