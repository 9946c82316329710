import type { TranslationBundle } from '@jupyterlab/translation';
import type { ProgramTrace } from 'kernel-gateway/protocol';
import { button, setPressed } from '../dom/button.js';
import { element } from '../dom/element.js';
import { formatCount } from '../format/quantity.js';
import { RowList } from './row-list.js';
import { stateTable } from './state-table.js';
import { StepModel, type StepMove } from './step-model.js';

/** Keys that move, as in a debugger and as in vi. */
const KEYS = new Map<string, StepMove>([
  ['ArrowDown', 'next'],
  ['j', 'next'],
  ['ArrowUp', 'previous'],
  ['k', 'previous'],
  ['ArrowRight', 'nextLine'],
  ['l', 'nextLine'],
  ['ArrowLeft', 'previousLine'],
  ['h', 'previousLine'],
  ['b', 'nextBranch'],
  ['B', 'previousBranch'],
  ['Home', 'first'],
  ['End', 'last']
]);

/** A verifier's log to step through. `reason` is its sentence of refusal, empty for an accepted program. */
export interface IStepLog {
  lines: readonly string[];
  trace: ProgramTrace;
  reason: string;
}

/**
 * Steps through what the verifier saw: C lines, instructions and the state of registers and stack side by side, moved by
 * keys. A refusal opens at the instruction that was refused, on the path that led there; an accepted program at its start.
 */
export class StepView {
  readonly node: HTMLDivElement;

  constructor(log: IStepLog, trans: TranslationBundle, language: string) {
    this._log = log;
    this._trans = trans;
    this._language = language;
    this._model = new StepModel(log.lines, log.trace);
    this._source = new RowList({
      label: trans.__('C lines'),
      draw: index => this._sourceRow(index),
      choose: index => this._chooseLine(index)
    });
    this._steps = new RowList({
      label: trans.__('Instructions'),
      draw: index => this._stepRow(index),
      choose: index => this._choose(index)
    });
    this._scope = button({
      label: trans.__('Only the path to the end'),
      text: trans.__('Path only'),
      caption: trans.__('Hide what the verifier looked at on other paths (o)'),
      pressed: false,
      onClick: () => this._toggleScope()
    });
    this._status = element('span', { class: 'jp-BpflabSteps-status', role: 'status' });
    this._note = element('p', { class: 'jp-BpflabSteps-note' });
    this._state = element('div', {
      class: 'jp-BpflabSteps-states',
      role: 'region',
      tabindex: 0,
      'aria-label': trans.__('Registers and stack')
    });
    this.node = this._build();
    this._body = log.trace.body === '' ? [] : log.trace.body.split('\n');
    this._begin();
  }

  focus(): void {
    this.node.focus({ preventScroll: true });
  }

  private _build(): HTMLDivElement {
    return element(
      'div',
      {
        class: 'jp-BpflabSteps',
        tabindex: 0,
        role: 'group',
        'aria-label': this._trans.__('What the verifier saw of %1', this._log.trace.program),
        'aria-keyshortcuts': 'ArrowDown ArrowUp ArrowRight ArrowLeft b Home End o',
        'data-lm-suppress-shortcuts': 'true',
        keydown: event => this._onKey(event as KeyboardEvent)
      },
      element('div', { class: 'jp-BpflabSteps-bar' }, ...this._moveButtons(), this._scope, this._status),
      element('div', { class: 'jp-BpflabSteps-panes' }, this._source.node, this._steps.node),
      this._note,
      this._state
    );
  }

  private _moveButtons(): HTMLButtonElement[] {
    const trans = this._trans;
    const make = (text: string, label: string, caption: string, move: StepMove): HTMLButtonElement => {
      const node = button({ label, text, caption, onClick: () => this._move(move) });
      node.setAttribute('aria-label', label);
      return node;
    };
    return [
      make('|◀', trans.__('First step'), trans.__('First step (Home)'), 'first'),
      make('◀', trans.__('Step back'), trans.__('Step back (↑ or k)'), 'previous'),
      make('▶', trans.__('Step'), trans.__('Step (↓ or j)'), 'next'),
      make('▶|', trans.__('Last step'), trans.__('Last step (End)'), 'last'),
      make('C ▶', trans.__('Next C line'), trans.__('Next C line (→ or l)'), 'nextLine'),
      make(`${trans.__('Branch')} ▶`, trans.__('Next branch'), trans.__('Next branch (b; back with B)'), 'nextBranch')
    ];
  }

  private _begin(): void {
    const model = this._model;
    this._scope.hidden = !model.hasOtherPaths;
    if (this._log.reason !== '') {
      model.setScope('path');
      model.move('last');
    }
    setPressed(this._scope, model.scope === 'path');
    this._source.setRows(this._body.length);
    this._source.node.hidden = this._body.length === 0;
    this._steps.setRows(model.shown.length);
    this._show();
    // Lists know their height only when they are in the page.
    requestAnimationFrame(() => this._show());
  }

  private _onKey(event: KeyboardEvent): void {
    const move = KEYS.get(event.key);
    if (event.ctrlKey || event.metaKey || event.altKey || (move === undefined && event.key !== 'o')) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (move === undefined) this._toggleScope();
    else this._move(move);
  }

  private _move(move: StepMove): void {
    this._model.move(move);
    this._show();
  }

  private _choose(position: number): void {
    this._model.goTo(position);
    this._show();
  }

  private _chooseLine(index: number): void {
    if (this._model.goToLine(index + this._log.trace.body_line)) {
      this._show();
    }
  }

  private _toggleScope(): void {
    const model = this._model;
    model.setScope(model.scope === 'path' ? 'all' : 'path');
    setPressed(this._scope, model.scope === 'path');
    this._steps.setRows(model.shown.length);
    this._show();
  }

  private _show(): void {
    const model = this._model;
    const { _trans: trans, _language: language } = this;
    this._steps.select(model.position);
    const line = model.lineAt(model.position);
    this._source.select(line === null ? -1 : line.line - this._log.trace.body_line);
    const step = model.current;
    this._status.textContent =
      step === null
        ? trans.__('The log has no steps')
        : trans.__(
            'Step %1 of %2 · instruction %3 · line %4',
            formatCount(String(model.position + 1)),
            formatCount(String(model.shown.length)),
            step.insn,
            line?.line ?? '–'
          );
    this._note.textContent = this._noteText();
    this._note.classList.toggle('jp-mod-bad', this._isRefused());
    if (step !== null) {
      const state = { before: model.log.before(model.index), after: model.log.after(model.index), insn: step.insn };
      this._state.replaceChildren(stateTable(state, { trace: this._log.trace, trans, language }));
    }
  }

  private _isRefused(): boolean {
    return this._log.reason !== '' && this._model.index === this._model.log.steps.length - 1;
  }

  private _noteText(): string {
    const { _trans: trans, _model: model } = this;
    if (this._isRefused()) {
      return trans.__('Refused here: %1', this._log.reason);
    }
    const cameBack = model.cameBackTo(model.position);
    if (cameBack >= 0) {
      return trans.__('The path before ended; the verifier went back to the branch at instruction %1.', cameBack);
    }
    const isTaken = model.isTaken(model.position);
    if (isTaken === null) {
      return '';
    }
    return isTaken ? trans.__('The jump is taken on this path.') : trans.__('The jump is not taken on this path.');
  }

  private _sourceRow(index: number): HTMLElement {
    const number = element('span', { class: 'jp-BpflabSteps-number' }, String(index + this._log.trace.body_line));
    return element('div', { class: 'jp-BpflabSteps-row' }, number, this._body[index] ?? '');
  }

  private _stepRow(position: number): HTMLElement {
    const model = this._model;
    const step = model.stepAt(position);
    const isBack = model.cameBackTo(position) >= 0;
    const isTaken = model.isTaken(position);
    const isFirstOfLine = position === 0 || model.lineAt(position)?.line !== model.lineAt(position - 1)?.line;
    const modifiers = [isBack ? ' jp-mod-back' : '', isFirstOfLine ? ' jp-mod-line' : ''].join('');
    return element(
      'div',
      { class: `jp-BpflabSteps-row${modifiers}` },
      element('span', { class: 'jp-BpflabSteps-number' }, String(step?.insn ?? '')),
      element('code', {}, step?.text ?? ''),
      isTaken === null ? null : element('span', { class: 'jp-BpflabSteps-way' }, isTaken ? '↴' : '↓')
    );
  }

  private readonly _log: IStepLog;
  private readonly _trans: TranslationBundle;
  private readonly _language: string;
  private readonly _model: StepModel;
  private readonly _source: RowList;
  private readonly _steps: RowList;
  private readonly _scope: HTMLButtonElement;
  private readonly _status: HTMLElement;
  private readonly _note: HTMLElement;
  private readonly _state: HTMLElement;
  private readonly _body: readonly string[];
}
