import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { PanelLayout, Widget } from '@lumino/widgets';
import { gatewayWords } from '../session/gateway-words.js';
import { element } from '../dom/element.js';
import { failedIcon } from '../icons.js';
import type { IPageWords } from '../output-services.js';

/** MIME type that JupyterLab gives a cell's `error` output; the data is the output itself. */
const ERROR_MIME = 'application/vnd.jupyter.error';

/** The part of an `error` output that we read: code, sentence, and lines of which the first two are sentence and next step. */
interface IErrorOutput {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Codes of our own errors. */
const OUR_CODE = /^BPFLAB_[A-Z_]+$/;
/** Errors that a diagnosis in the same cell has told already, with message and next step. */
const DIAGNOSED = new Set(['BPFLAB_CC_FAILED', 'BPFLAB_VERIFIER_REJECTED']);

/** Draws our errors as sentence, next step and folded details; any other error as JupyterLab does. */
export class ErrorOutput extends Widget implements IRenderMime.IRenderer {
  constructor(words: IPageWords, makeDefault: () => IRenderMime.IRenderer) {
    super();
    this.layout = new PanelLayout();
    this._words = words;
    this._makeDefault = makeDefault;
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const output = model.data[ERROR_MIME] as unknown as IErrorOutput;
    const layout = this.layout as PanelLayout;
    for (const widget of [...layout.widgets]) {
      widget.dispose();
    }
    if (OUR_CODE.test(output.ename)) {
      layout.addWidget(new Widget({ node: this._report(output) }));
      return;
    }
    const renderer = this._makeDefault();
    layout.addWidget(renderer);
    await renderer.renderModel(model);
  }

  private _report({ ename, evalue, traceback }: IErrorOutput): HTMLElement {
    const { trans, language } = this._words;
    const hint = gatewayWords.say(traceback[1] ?? '', language);
    const details = traceback.slice(2).join('\n').trim();
    const folded =
      details === ''
        ? null
        : element(
            'details',
            { class: 'jp-BpflabRun-added' },
            element('summary', {}, trans.__('Show details')),
            element('pre', { tabindex: 0 }, details)
          );
    if (DIAGNOSED.has(ename)) {
      return element('div', folded === null ? {} : { class: 'jp-BpflabOutput' }, folded);
    }
    const report = element(
      'div',
      { class: 'jp-BpflabDiagnosis-report', role: 'alert' },
      element(
        'div',
        { class: 'jp-BpflabDiagnosis-head' },
        failedIcon.element({ tag: 'span', className: 'jp-BpflabBadge-icon jp-mod-bad' }),
        element('span', { class: 'jp-BpflabDiagnosis-message' }, gatewayWords.say(evalue, language)),
        element('span', { class: 'jp-BpflabDiagnosis-code' }, ename)
      ),
      hint === '' ? null : element('p', { class: 'jp-BpflabDiagnosis-hint' }, hint),
      folded
    );
    return element('div', { class: 'jp-BpflabOutput' }, report);
  }

  private readonly _words: IPageWords;
  private readonly _makeDefault: () => IRenderMime.IRenderer;
}
