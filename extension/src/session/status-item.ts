import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { element } from '../dom/element.js';
import type { LabSessions } from './lab-sessions.js';
import { liveRuns, targetStateLook } from './target-state.js';

/** The status bar's view of the current notebook's session: target, its state, kernel release, live runs. */
export class StatusItem extends Widget {
  constructor(sessions: LabSessions, trans: TranslationBundle) {
    super();
    this.addClass('jp-BpflabStatus');
    this._sessions = sessions;
    this._trans = trans;
    sessions.currentChanged.connect(this._refresh, this);
    this._refresh();
  }

  override dispose(): void {
    this._sessions.currentChanged.disconnect(this._refresh, this);
    super.dispose();
  }

  protected override onUpdateRequest(message: Message): void {
    super.onUpdateRequest(message);
    this._refresh();
  }

  private _refresh(): void {
    const session = this._sessions.current;
    const status = session?.status ?? null;
    if (session === null || status === null) {
      this.node.replaceChildren();
      return;
    }
    const trans = this._trans;
    const look = targetStateLook(session, trans);
    const runs = liveRuns(status);
    const parts = [
      `${status.target} ${look.word}`,
      status.kernel_release,
      runs === 0 ? trans.__('no runs') : trans._n('%1 run', '%1 runs', runs)
    ];
    this.node.title = status.message || trans.__('Target of this notebook: %1, %2', status.target, status.arch);
    this.node.replaceChildren(
      look.icon.element({ tag: 'span', className: `jp-BpflabBadge-icon ${look.modifier}` }),
      element('span', {}, parts.filter(text => text !== '').join(' · '))
    );
  }

  private readonly _sessions: LabSessions;
  private readonly _trans: TranslationBundle;
}
