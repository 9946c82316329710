import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { element } from '../dom/element.js';
import type { LabSession } from './lab-session.js';
import { targetStateLook } from './target-state.js';

/** The notebook toolbar's target: state and name, a click changes it. Not shown for kernels that are not ours. */
export class TargetChip extends Widget {
  constructor(session: LabSession, trans: TranslationBundle, onClick: () => void) {
    super();
    this.addClass('jp-BpflabTarget');
    this._session = session;
    this._trans = trans;
    this._button = element('button', {
      type: 'button',
      class: 'jp-Button jp-mod-minimal jp-BpflabButton jp-BpflabTarget-button',
      click: onClick
    });
    this.node.append(this._button);
    session.changed.connect(this._refresh, this);
    this._refresh();
  }

  override dispose(): void {
    this._session.changed.disconnect(this._refresh, this);
    super.dispose();
  }

  private _refresh(): void {
    const { status, isLab } = this._session;
    this.setHidden(!isLab);
    const trans = this._trans;
    const look = targetStateLook(this._session, trans);
    const name = status?.target ?? trans.__('target');
    const details = [look.word, status?.kernel_release ?? '', status?.message ?? ''].filter(text => text !== '');
    this._button.title = trans.__('Target: %1', `${name} · ${details.join(' · ')}`);
    this._button.className = `jp-Button jp-mod-minimal jp-BpflabButton jp-BpflabTarget-button ${look.modifier}`;
    const word = look.modifier === 'jp-mod-good' ? '' : ` · ${look.word}`;
    this._button.replaceChildren(
      look.icon.element({ tag: 'span', className: 'jp-BpflabBadge-icon' }),
      element('span', {}, `${name}${word}`)
    );
  }

  private readonly _session: LabSession;
  private readonly _trans: TranslationBundle;
  private readonly _button: HTMLButtonElement;
}
