import { Dialog, showDialog } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { element } from '../dom/element.js';
import { endedIcon, failedIcon, liveIcon } from '../icons.js';
import { gatewayWords } from '../session/gateway-words.js';
import type { LabSession } from '../session/lab-session.js';
import { judgeLesson, type IJudgedProgram } from './lesson-import.js';
import { lessonVerdict } from './lesson-verdict.js';

const icons = { 'jp-mod-good': liveIcon, 'jp-mod-warning': endedIcon, 'jp-mod-bad': failedIcon };

interface ILessonBadgeOptions {
  panel: NotebookPanel;
  session: LabSession;
  trans: TranslationBundle;
}

/**
 * Says in the toolbar of an imported lesson whether the target runs its programs, before anything is loaded; a click tells of each and
 * changes the kernel where another one runs them. Not shown for other notebooks, and where nobody can say.
 */
export class LessonBadge extends Widget {
  constructor({ panel, session, trans }: ILessonBadgeOptions) {
    super();
    this.addClass('jp-BpflabLesson');
    this._panel = panel;
    this._session = session;
    this._trans = trans;
    this._button = element('button', { type: 'button', click: () => void this._tell() });
    this.node.append(this._button);
    this.hide();
    // The judge is our server's.
    if (PageConfig.getOption('bpflabServer') !== 'true') return;
    session.changed.connect(this._ask, this);
    panel.context.ready.then(
      () => this._ask(),
      () => undefined
    );
  }

  override dispose(): void {
    this._session.changed.disconnect(this._ask, this);
    this._asking.abort();
    super.dispose();
  }

  /** Asks once for each target and kernel. */
  private _ask(): void {
    const { status, isLab } = this._session;
    const { context } = this._panel;
    if (this.isDisposed || !context.isReady || status === null || !isLab) return;
    const program = lessonOf(this._panel);
    const { target, kernel_release: release } = status;
    // Of many nodes none is "here"; a recording loads nothing.
    if (program === null || /^(replay:|pod:all$)/.test(target)) {
      this.hide();
      this._asked = '';
      this._asking.abort();
      return;
    }
    const key = `${target} ${release}`;
    if (this._isAsked(target, release)) return;
    this._asked = key;
    this._asking.abort();
    this._asking = new AbortController();
    const lesson = { path: context.path, program, target, kernel: kernelOf(target, release) };
    judgeLesson(lesson, this._asking.signal).then(
      programs => this._show(key, programs),
      // No program of its own, or a target that is not there: nothing to say beforehand.
      () => this._show(key, [])
    );
  }

  /** A target may be asked about before it says its kernel: what answered then is asked again only if it was another one. */
  private _isAsked(target: string, release: string): boolean {
    if (`${target} ${release}` === this._asked) return true;
    const answered = this._programs[0]?.verdicts[0]?.kernel ?? '';
    return this._asked.startsWith(`${target} `) && kernelOf(target, release) === answered;
  }

  private _show(key: string, programs: readonly IJudgedProgram[]): void {
    if (this.isDisposed || key !== this._asked) return;
    this._programs = programs;
    this.setHidden(programs.length === 0);
    if (programs.length === 0) return;
    const verdict = lessonVerdict(programs, this._trans);
    this._button.title = programs.map(program => `${program.name}: ${this._said(program)}`).join('\n');
    this._button.setAttribute('aria-label', `${this._trans.__('Lesson')}: ${verdict.text}`);
    this._button.className = `jp-Button jp-mod-minimal jp-BpflabButton jp-BpflabLesson-button ${verdict.modifier}`;
    this._button.replaceChildren(
      icons[verdict.modifier].element({ tag: 'span', className: 'jp-BpflabBadge-icon' }),
      element('span', {}, verdict.text)
    );
  }

  private async _tell(): Promise<void> {
    const trans = this._trans;
    const { kernel, text } = lessonVerdict(this._programs, trans);
    const rows = this._programs.map(program =>
      element('tr', {}, element('th', { scope: 'row' }, program.name), element('td', {}, this._said(program)))
    );
    const body = new Widget({
      node: element('table', { class: 'jp-BpflabLesson-programs' }, element('tbody', {}, ...rows))
    });
    const use = Dialog.okButton({ label: trans.__('Use Linux %1', kernel) });
    const close = Dialog.cancelButton({ label: trans.__('Close') });
    const buttons = kernel === '' ? [close] : [close, use];
    const { button } = await showDialog({ title: text, body, buttons });
    if (button.accept) this._session.send({ type: 'target', target: 'vm', kernel });
  }

  /** In the language of the page. */
  private _said({ preflight }: IJudgedProgram): string {
    return gatewayWords.say(preflight, this._session.language);
  }

  private readonly _panel: NotebookPanel;
  private readonly _session: LabSession;
  private readonly _trans: TranslationBundle;
  private readonly _button: HTMLButtonElement;
  private _programs: readonly IJudgedProgram[] = [];
  /** Target and kernel that were asked about last. */
  private _asked = '';
  private _asking = new AbortController();
}

/** Only the virtual machine has a kernel to choose. */
const kernelOf = (target: string, release: string): string => (target === 'vm' ? release : '');

/** Last word of the id of the lesson that the notebook was made of: the program's name where a folder has many; null: of none. */
function lessonOf({ context }: NotebookPanel): string | null {
  const ours = context.model.metadata['bpflab'] as { lesson?: unknown; source?: unknown } | undefined;
  if (typeof ours?.lesson !== 'string' || ours.source === undefined) return null;
  return ours.lesson.split('/').at(-1) ?? '';
}
