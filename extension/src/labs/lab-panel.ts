import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { LabAnswer, LabRequest, LabState, LabStepState } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import type { CodeTabs } from '../monaco/code-tabs.js';
import type { LabSessions } from '../session/lab-sessions.js';
import { LabClient, LabRefusal } from './lab-client.js';

const MINUTE_MS = 60_000;

/** What the panel needs from the application. */
export interface ILabPanelOptions {
  sessions: LabSessions;
  tabs: CodeTabs;
  /** Keeps a copy of a notebook before it is reset. */
  contents: Pick<Contents.IManager, 'copy'>;
  trans: TranslationBundle;
}

/** The steps of the current notebook's lab: state, checks, hints, solution, reset. */
export class LabPanel extends Widget {
  constructor(options: ILabPanelOptions) {
    super();
    this.addClass('jp-BpflabLab');
    this._options = options;
    options.sessions.currentChanged.connect(this._connect, this);
    this._connect();
  }

  /** The application says whether the panel is in front; nothing is asked while it is not. */
  set shown(shown: boolean) {
    this._isShown = shown;
    this._connect();
  }

  get shown(): boolean {
    return this._isShown;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._options.sessions.currentChanged.disconnect(this._connect, this);
      this._client?.dispose();
      super.dispose();
    }
  }

  private _connect(): void {
    const session = this._options.sessions.current;
    const kernel = session?.kernel ?? null;
    if (kernel !== (this._client?.kernel ?? null)) {
      this._client?.dispose();
      this._client = null;
    }
    if (this._client === null && kernel !== null && this._isShown) {
      this._client = new LabClient(kernel, { trans: this._options.trans, language: session?.language ?? 'en' });
      this._client.changed.connect(this._draw, this);
    }
    this._draw();
  }

  /** All is drawn anew; what had the focus has it again. */
  private _draw(): void {
    const active = document.activeElement;
    const key = active instanceof HTMLElement && this.node.contains(active) ? active.dataset['key'] : undefined;
    const state = this._client?.state ?? null;
    this.node.replaceChildren(...(state === null || state.lab === '' ? [this._empty(state)] : this._lab(state)));
    if (key !== undefined) {
      this.node.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
    }
  }

  private _empty(state: LabState | null): HTMLElement {
    const { trans, sessions } = this._options;
    const text =
      sessions.currentPanel === null
        ? trans.__('Open a lesson from the launcher to see its steps.')
        : state === null
          ? trans.__('The kernel of this notebook is not connected, or is no eBPF kernel.')
          : trans.__('This notebook is of no lesson with steps.');
    return element('p', { class: 'jp-BpflabLab-says', role: 'status' }, text);
  }

  private _lab(state: LabState): HTMLElement[] {
    const { trans } = this._options;
    const done = state.steps.filter(step => step.passed).length;
    const spentMs = state.steps.reduce((sum, step) => sum + step.time_ms, 0);
    const facts = [
      trans.__('%1 of %2 steps', done, state.steps.length),
      trans.__('%1 of about %2 minutes', Math.round(spentMs / MINUTE_MS), state.minutes)
    ];
    return [
      element('h2', { class: 'jp-BpflabLab-title' }, state.title),
      element('p', { class: 'jp-BpflabLab-says', role: 'status' }, facts.join(' · ')),
      element('progress', {
        class: 'jp-BpflabLab-progress',
        max: Math.max(1, state.steps.length),
        value: done,
        'aria-label': facts[0] ?? ''
      }),
      this._next(state),
      element('ol', { class: 'jp-BpflabLab-steps' }, ...state.steps.map(step => this._step(step, state))),
      this._button('reset', trans.__('Reset Lesson'), () => this._reset(''))
    ];
  }

  /** The one thing to do now. */
  private _next(state: LabState): HTMLElement {
    const { trans } = this._options;
    const step = state.steps.find(one => one.id === state.current);
    if (step === undefined) {
      return element('p', { class: 'jp-BpflabLab-done' }, trans.__('All steps have passed.'));
    }
    const isBegun = step.checks.some(check => check.state !== 'open');
    const label = isBegun ? trans.__('Check Again') : trans.__('Go to the Step');
    const act = isBegun ? () => this._ask('check', step.id) : () => this._goTo(step);
    const node = this._button('next', label, act);
    node.classList.remove('jp-mod-minimal');
    node.classList.add('jp-mod-styled', 'jp-mod-accept');
    return element('p', { class: 'jp-BpflabLab-next' }, `${trans.__('Next:')} ${step.title} `, node);
  }

  private _step(step: LabStepState, state: LabState): HTMLElement {
    const { trans } = this._options;
    const isCurrent = step.id === state.current;
    const word = step.passed ? trans.__('passed') : isCurrent ? trans.__('now') : trans.__('open');
    const mark = step.passed ? '✓' : isCurrent ? '▸' : '○';
    const title = this._button(`go ${step.id}`, `${mark} ${step.title}`, () => this._goTo(step));
    title.classList.add('jp-BpflabLab-go');
    return element(
      'li',
      {
        class: `jp-BpflabLab-step${step.passed ? ' jp-mod-passed' : ''}`,
        'aria-current': isCurrent ? 'step' : undefined
      },
      element('div', { class: 'jp-BpflabLab-head' }, title, element('span', { class: 'jp-BpflabLab-word' }, word)),
      element('ul', { class: 'jp-BpflabLab-checks' }, ...step.checks.map(check => this._check(check))),
      ...step.hints.map(hint => element('p', { class: 'jp-BpflabLab-hint' }, hint)),
      isCurrent || step.attempts > 0 ? this._actions(step) : null
    );
  }

  private _check({ title, state, seen }: LabStepState['checks'][number]): HTMLElement {
    const { trans } = this._options;
    const words = { open: trans.__('not looked at'), passed: trans.__('passed'), failed: trans.__('not yet') };
    const marks = { open: '○', passed: '✓', failed: '✗' };
    return element(
      'li',
      { class: `jp-BpflabLab-check jp-mod-${state}` },
      element('span', { role: 'img', 'aria-label': words[state] }, marks[state]),
      element('span', {}, ` ${title}`),
      seen === '' || state === 'passed' ? null : element('div', { class: 'jp-BpflabLab-seen' }, seen)
    );
  }

  private _actions(step: LabStepState): HTMLElement {
    const { trans } = this._options;
    const left = step.hint_count - step.hints.length;
    const { id } = step;
    return element(
      'div',
      { class: 'jp-BpflabLab-actions' },
      this._button(`check ${id}`, trans.__('Check'), () => this._ask('check', id)),
      left > 0 ? this._button(`hint ${id}`, trans.__('Hint (%1 left)', left), () => this._ask('hint', id)) : null,
      step.has_solution
        ? this._button(`solution ${id}`, trans.__('Compare With Solution'), () => this._showSolution(step))
        : null,
      this._button(`reset ${id}`, trans.__('Reset Step'), () => this._reset(id))
    );
  }

  private _button(key: string, text: string, act: () => Promise<unknown> | void): HTMLButtonElement {
    const node = button({ label: text, text, onClick: () => void act() });
    node.dataset['key'] = key;
    return node;
  }

  private async _ask(type: LabRequest['type'], step: string): Promise<LabAnswer | null> {
    try {
      return (await this._client?.ask(type, step)) ?? null;
    } catch (error) {
      if (!(error instanceof LabRefusal)) {
        throw error;
      }
      Notification.error(error.message, { autoClose: 10_000 });
      return null;
    }
  }

  private _goTo(step: LabStepState): void {
    const panel = this._options.sessions.currentPanel;
    const index = panel === null ? -1 : indexOfCell(panel, step.cells[0] ?? '');
    if (panel !== null && index >= 0) {
      panel.content.activeCellIndex = index;
      void panel.content.scrollToItem(index, 'center');
      panel.content.activate();
    }
  }

  private async _showSolution(step: LabStepState): Promise<void> {
    const { trans, tabs, sessions } = this._options;
    const panel = sessions.currentPanel;
    const answer = await this._ask('solution', step.id);
    if (answer !== null && answer.text !== '') {
      Notification.info(answer.text, { autoClose: 15_000 });
    }
    for (const { cell, name, starter, solution } of answer?.cells ?? []) {
      const model = panel?.content.widgets[indexOfCell(panel, cell)]?.model.sharedModel;
      await tabs.open({
        id: `bpflab-solution-${cell}`,
        title: trans.__('Solution: %1', name),
        caption: step.title,
        text: model?.getSource() ?? starter,
        language: 'c',
        original: { title: trans.__('Solution'), text: solution },
        modifiedTitle: trans.__('Mine'),
        ...(model === undefined ? {} : { save: (text: string) => Promise.resolve(model.setSource(text)) })
      });
    }
  }

  /** Asked first: the cells become as they came. `step` empty: the whole lesson. */
  private async _reset(step: string): Promise<void> {
    const { trans, sessions } = this._options;
    const label = step === '' ? trans.__('Reset Lesson') : trans.__('Reset Step');
    const { button: choice } = await showDialog({
      title: label,
      body: trans.__(
        'Runs are stopped, and the cells become as they came. The notebook as it is now is kept as a copy beside it.'
      ),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label })]
    });
    const panel = sessions.currentPanel;
    if (!choice.accept || panel === null || !(await this._keepCopy(panel))) {
      return;
    }
    const answer = await this._ask('reset', step);
    for (const { cell, starter } of answer?.cells ?? []) {
      panel.content.widgets[indexOfCell(panel, cell)]?.model.sharedModel.setSource(starter);
    }
  }

  /** False, and said: there is no copy. */
  private async _keepCopy({ context }: NotebookPanel): Promise<boolean> {
    try {
      await context.save();
      await this._options.contents.copy(context.path, PathExt.dirname(context.path));
      return true;
    } catch (error) {
      Notification.error(error instanceof Error ? error.message : String(error), { autoClose: 10_000 });
      return false;
    }
  }

  private readonly _options: ILabPanelOptions;
  private _client: LabClient | null = null;
  private _isShown = false;
}

const indexOfCell = (panel: NotebookPanel, id: string): number =>
  panel.content.widgets.findIndex(cell => cell.model.id === id);
