import type { Cell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { caretDownIcon, caretRightIcon, copyIcon } from '@jupyterlab/ui-components';
import { Clipboard } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';
import { Mime, type DiagnosisBundle, type DiagnosisItem } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { linkButton } from '../dom/link-button.js';
import { formatCount } from '../format/quantity.js';
import { failedIcon } from '../icons.js';
import type { IOutputServices } from '../output-services.js';
import { EditorMarks } from './editor-marks.js';
import { explanationPart } from './explanation-part.js';
import { LogWidget } from './log-widget.js';
import { ownerCell } from './owner-cell.js';

/** A place of a whole line. */
const LINE: DiagnosisItem = { severity: 'note', line: 0, column: 0, end_line: 0, end_column: 0, message: '', file: '' };

/** Sets the state of a button that opens something below it. */
function setExpanded(node: HTMLButtonElement, isOpen: boolean): void {
  node.setAttribute('aria-expanded', String(isOpen));
  const icon = isOpen ? caretDownIcon : caretRightIcon;
  node.firstElementChild?.replaceWith(icon.element({ tag: 'span', className: 'jp-BpflabButton-icon' }));
}

/**
 * Renderer of `Mime.diagnosis`: the C line first, then the reason in the tool's words, then the next step; every place is
 * marked in the cell's editor. The verifier's log is whole, folded, and opens at the failing line.
 */
export class DiagnosisOutput extends Widget implements IRenderMime.IRenderer {
  /**
   * Makes an empty output. `notebook`: that the output stands in; null where there is no editor to mark
   */
  constructor(services: IOutputServices, notebook: Notebook | null) {
    super();
    this.addClass('jp-BpflabOutput');
    this.addClass('jp-BpflabDiagnosis');
    this.layout = new PanelLayout();
    this._services = services;
    this._notebook = notebook;
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._bundle = model.data[Mime.diagnosis] as unknown as DiagnosisBundle;
    const layout = this.layout as PanelLayout;
    for (const widget of [...layout.widgets]) {
      widget.dispose();
    }
    this._log = null;
    this._steps = null;
    layout.addWidget(new Widget({ node: this._report(this._bundle) }));
    this._mark();
    return Promise.resolve();
  }

  override dispose(): void {
    this._marks?.dispose();
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._mark();
  }

  private _cell(): Cell | null {
    return this._notebook === null ? null : ownerCell(this._notebook, this.node);
  }

  private _mark(): void {
    const cell = this._cell();
    const bundle = this._bundle;
    if (cell !== null && bundle !== null && bundle !== this._marked) {
      this._marked = bundle;
      this._marks?.dispose();
      this._marks = new EditorMarks(cell, this._itemsToMark(bundle));
    }
  }

  /** The verifier's refusal has no items of its own when only its line is known. */
  private _itemsToMark(bundle: DiagnosisBundle): DiagnosisItem[] {
    return bundle.items.filter(item => item.line > 0);
  }

  private _report(bundle: DiagnosisBundle): HTMLElement {
    const { trans } = this._services;
    return element(
      'div',
      { class: 'jp-BpflabDiagnosis-report', role: 'alert' },
      element(
        'div',
        { class: 'jp-BpflabDiagnosis-head' },
        element(
          'span',
          { class: 'jp-BpflabBadge jp-mod-bad' },
          failedIcon.element({ tag: 'span', className: 'jp-BpflabBadge-icon' }),
          this._headline(bundle)
        ),
        bundle.program === '' ? null : element('span', { class: 'jp-BpflabRun-name' }, bundle.program),
        element('span', { class: 'jp-BpflabDiagnosis-code' }, bundle.code)
      ),
      bundle.source === '' ? null : this._sourceLine(bundle),
      ...this._explanation(bundle),
      this._isSaid(bundle) ? null : this._items(bundle.items),
      bundle.log.length === 0 ? null : this._logBar(bundle, trans.__('Copy Log'))
    );
  }

  /** The verifier's sentence with its explanation, else the compiler's with its hint. */
  private _explanation(bundle: DiagnosisBundle): (HTMLElement | null)[] {
    const { trans, language } = this._services;
    const message = element('p', { class: 'jp-BpflabDiagnosis-message' }, gatewayWords.say(bundle.message, language));
    if (!bundle.explanation) {
      const hint = gatewayWords.say(bundle.hint, language);
      return [message, hint === '' ? null : element('p', { class: 'jp-BpflabDiagnosis-hint' }, hint)];
    }
    const place = (line: number, file: string): HTMLElement =>
      this._placeButton({ ...LINE, line, end_line: line, file });
    return [message, explanationPart(bundle.explanation, { trans, language, place })];
  }

  /** Whether message and source line, or the explanation, say all that the items would. */
  private _isSaid({ items, message, explanation }: DiagnosisBundle): boolean {
    return (
      explanation !== undefined ||
      items.every(item => items.length === 1 && item.file === '' && message.includes(item.message))
    );
  }

  private _headline(bundle: DiagnosisBundle): string {
    const { trans } = this._services;
    if (bundle.log.length > 0 || bundle.code === 'BPFLAB_VERIFIER_REJECTED') {
      return trans.__('Refused by the verifier');
    }
    return bundle.code.startsWith('BPFLAB_CC') ? trans.__('Not compiled') : trans.__('Failed');
  }

  private _sourceLine(bundle: DiagnosisBundle): HTMLElement {
    const place = bundle.items.find(item => item.line > 0 && item.file === '');
    return element(
      'div',
      { class: 'jp-BpflabDiagnosis-source' },
      place ? this._placeButton(place) : null,
      element('code', {}, bundle.source.trim())
    );
  }

  private _items(items: readonly DiagnosisItem[]): HTMLElement {
    const { trans } = this._services;
    const words = { error: trans.__('error'), warning: trans.__('warning'), note: trans.__('note') };
    return element(
      'ul',
      { class: 'jp-BpflabDiagnosis-items' },
      ...items.map(item =>
        element(
          'li',
          { class: `jp-mod-${item.severity}` },
          item.line > 0 ? this._placeButton(item) : null,
          element('span', { class: 'jp-BpflabDiagnosis-severity' }, words[item.severity]),
          element('span', {}, item.message)
        )
      )
    );
  }

  /** Names a place; goes there when it is in the cell. */
  private _placeButton(item: DiagnosisItem): HTMLElement {
    const { trans } = this._services;
    const column = item.column > 0 ? `:${item.column}` : '';
    if (item.file !== '') {
      return element('span', { class: 'jp-BpflabDiagnosis-place' }, `${item.file}:${item.line}${column}`);
    }
    const text = trans.__('line %1', item.line);
    const node = linkButton({
      label: text,
      text,
      caption: trans.__('Go to this line of the cell'),
      onClick: () => this._goTo(item)
    });
    node.classList.add('jp-BpflabDiagnosis-place');
    return node;
  }

  private _goTo(item: DiagnosisItem): void {
    const cell = this._cell();
    if (cell?.editor) {
      cell.editor.setCursorPosition({ line: item.line - 1, column: Math.max(0, item.column - 1) });
      cell.editor.focus();
    }
  }

  private _logBar(bundle: DiagnosisBundle, copyLabel: string): HTMLElement {
    const { trans } = this._services;
    const label = trans._n(
      'Show the log (%2 line)',
      'Show the whole log (%2 lines)',
      bundle.log.length,
      formatCount(String(bundle.log.length))
    );
    const toggle = button({ label, text: label, icon: caretRightIcon, onClick: () => this._toggleLog(bundle, toggle) });
    toggle.setAttribute('aria-expanded', 'false');
    const copy = button({
      label: copyLabel,
      icon: copyIcon,
      onClick: () => Clipboard.copyToSystem(bundle.log.join('\n'))
    });
    const steps = bundle.trace === undefined ? null : this._stepsButton(bundle);
    return element('div', { class: 'jp-BpflabDiagnosis-log' }, steps, toggle, copy);
  }

  private _stepsButton(bundle: DiagnosisBundle): HTMLButtonElement {
    const { trans } = this._services;
    const node = button({
      label: trans.__('Step Through'),
      text: trans.__('Step Through'),
      caption: trans.__('Show what the verifier saw, instruction by instruction'),
      icon: caretRightIcon,
      onClick: () => void this._toggleSteps(bundle, node)
    });
    node.setAttribute('aria-expanded', 'false');
    return node;
  }

  private async _toggleSteps(bundle: DiagnosisBundle, node: HTMLButtonElement): Promise<void> {
    const isOpen = this._steps !== null;
    setExpanded(node, !isOpen);
    if (this._steps) {
      this._steps.dispose();
      this._steps = null;
      return;
    }
    const host = new Widget();
    this._steps = host;
    (this.layout as PanelLayout).insertWidget(1, host);
    const { StepView } = await import('../verifier/step-view.js');
    if (!host.isDisposed && bundle.trace !== undefined) {
      const { trans, language } = this._services;
      const lines = bundle.log.slice(0, bundle.reason_line < 0 ? undefined : bundle.reason_line);
      const reason = bundle.log[bundle.reason_line]?.trim() ?? '';
      const view = new StepView({ lines, trace: bundle.trace, reason }, trans, language);
      host.node.append(view.node);
      view.focus();
    }
  }

  private _toggleLog(bundle: DiagnosisBundle, toggle: HTMLButtonElement): void {
    const isOpen = this._log !== null;
    setExpanded(toggle, !isOpen);
    if (this._log) {
      this._log.dispose();
      this._log = null;
      return;
    }
    this._log = new LogWidget(
      bundle.log,
      { reason: bundle.reason_line, source: bundle.source_line },
      this._services.trans
    );
    (this.layout as PanelLayout).addWidget(this._log);
  }

  private readonly _services: IOutputServices;
  private readonly _notebook: Notebook | null;
  private _bundle: DiagnosisBundle | null = null;
  private _marked: DiagnosisBundle | null = null;
  private _marks: EditorMarks | null = null;
  private _log: LogWidget | null = null;
  private _steps: Widget | null = null;
}
