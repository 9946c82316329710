import type { RunProgram } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import type { IOutputServices } from '../output-services.js';
import type { LabSession } from '../session/lab-session.js';

/**
 * "Show what the verifier saw" on the card of a run: a button for each program, and below them the log of the one that was
 * asked for. The view's code is loaded with the first log.
 */
export class VerifierSection {
  readonly node = element('div', { class: 'jp-BpflabVerifier' });

  constructor(services: IOutputServices, session: LabSession) {
    this._services = services;
    this._session = session;
  }

  /** The programs of the run; what is open stays open while they are the same. */
  update(run: string, programs: readonly RunProgram[]): void {
    const names = programs.map(program => program.name);
    const key = [run, ...names].join(' ');
    if (key === this._key) {
      return;
    }
    this._key = key;
    this._open = '';
    this._view.replaceChildren();
    const { trans } = this._services;
    const buttons = names.map(name =>
      button({
        label: trans.__('Show what the verifier saw of %1', name),
        text: names.length === 1 ? trans.__('Show what the verifier saw') : name,
        pressed: false,
        onClick: () => void this._toggle(run, name)
      })
    );
    this._buttons = new Map(names.map((name, index) => [name, buttons[index] as HTMLButtonElement]));
    const head = names.length > 1 ? element('span', {}, trans.__('Show what the verifier saw:')) : null;
    this.node.replaceChildren(element('div', { class: 'jp-BpflabVerifier-bar' }, head, ...buttons), this._view);
  }

  private async _toggle(run: string, program: string): Promise<void> {
    const wasOpen = this._open === program;
    this._open = wasOpen ? '' : program;
    for (const [name, node] of this._buttons) {
      node.setAttribute('aria-pressed', String(name === this._open));
    }
    this._view.replaceChildren();
    const { kernel } = this._session;
    if (wasOpen) {
      return;
    }
    const { trans, language } = this._services;
    if (kernel === null) {
      this._view.replaceChildren(trans.__('The session that loaded it is not connected.'));
      return;
    }
    this._view.replaceChildren(trans.__('The kernel verifies it once more …'));
    try {
      const [{ fetchVerifierLog }, { StepView }] = await Promise.all([
        import('./fetch-log.js'),
        import('./step-view.js')
      ]);
      const log = await fetchVerifierLog(kernel, { run, program }, this._services);
      if (this._open === program) {
        const view = new StepView({ ...log, reason: '' }, trans, language);
        this._view.replaceChildren(view.node);
        view.focus();
      }
    } catch (error) {
      this._view.replaceChildren(error instanceof Error ? error.message : String(error));
    }
  }

  private readonly _services: IOutputServices;
  private readonly _session: LabSession;
  private readonly _view = element('div', { 'aria-live': 'polite' });
  private _buttons = new Map<string, HTMLButtonElement>();
  private _key = '';
  private _open = '';
}
