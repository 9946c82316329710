import type { TranslationBundle } from '@jupyterlab/translation';
import { pauseIcon, type LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import type { StoreState, ViewBundle } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';
import { endedIcon, liveIcon, snapshotIcon } from '../icons.js';
import { factsText } from './facts-text.js';
import { lossText } from './loss-text.js';
import type { IRowWindow } from './row-window.js';

/** Where rows come from: the notebook; the session; the session, which cannot be reached now. */
export type RowsOrigin = 'saved' | 'live' | 'lost';

interface IBadge {
  icon: LabIcon;
  text: string;
  caption: string;
  modifier: string;
}

/** Title, numbers, state and buttons of a view; losses stand under them. */
export class ViewHeader extends Widget {
  constructor(bundle: ViewBundle, trans: TranslationBundle) {
    super();
    this.addClass('jp-BpflabView-header');
    this._trans = trans;
    this._title = element('span', { class: 'jp-BpflabView-title' }, plainText(bundle.title));
    this._facts = element('span', { class: 'jp-BpflabView-facts' });
    this._fill = element('meter', { class: 'jp-BpflabView-fill', min: 0 });
    this._fill.hidden = true;
    this._badge = element('span', { class: 'jp-BpflabBadge' });
    this._buttons = element('span', {
      class: 'jp-BpflabView-buttons',
      role: 'toolbar',
      'aria-label': trans.__('View')
    });
    this._losses = element('p', { class: 'jp-BpflabView-losses' });
    this._losses.hidden = true;
    this.node.append(
      element('div', { class: 'jp-BpflabView-bar' }, this._title, this._badge, this._facts, this._fill, this._buttons),
      this._losses
    );
  }

  /** Shows these buttons, in order. The focus stays on the button of the same name. */
  setButtons(buttons: readonly HTMLElement[]): void {
    const nameOf = (node: Element | null): string =>
      node === null ? '' : (node.getAttribute('aria-label') ?? node.textContent);
    const focused = this._buttons.contains(document.activeElement) ? nameOf(document.activeElement) : null;
    this._buttons.replaceChildren(...buttons);
    if (focused !== null) {
      buttons.find(node => nameOf(node) === focused)?.focus();
    }
  }

  /** Rows come in and are not shown. */
  set paused(isPaused: boolean) {
    this._isPaused = isPaused;
    if (this._state !== null) {
      this._setBadge(this._badgeFor(this._state, 'live'));
    }
  }

  /** Numbers, losses and state of a window. */
  refresh(bundle: ViewBundle, window: IRowWindow | null, origin: RowsOrigin): void {
    const isLive = origin !== 'saved';
    this._title.textContent = plainText(bundle.title);
    const state = isLive && window ? window.state : bundle.state;
    this._state = origin === 'live' ? state : null;
    this._setBadge(this._badgeFor(state, origin));
    this._facts.textContent = factsText(bundle, window, { isLive, trans: this._trans });
    this._setFill(bundle, window);
    const losses = lossText(window?.losses ?? bundle.snapshot.losses, bundle.kind, this._trans);
    this._losses.hidden = losses === null;
    this._losses.textContent = losses?.text ?? '';
    this._losses.classList.toggle('jp-mod-warning', losses?.isLoss ?? false);
  }

  /** How full a map is. An array has all its entries at all times. */
  private _setFill(bundle: ViewBundle, window: IRowWindow | null): void {
    const capacity = Number(bundle.capacity ?? 0);
    this._fill.hidden = bundle.kind !== 'map' || capacity === 0 || bundle.editing?.can_insert === false;
    if (!this._fill.hidden) {
      const total = Number(window?.total ?? bundle.snapshot.total_rows);
      this._fill.max = capacity;
      this._fill.high = capacity * 0.9;
      this._fill.optimum = 0;
      this._fill.value = total;
      const percent = Math.round((100 * total) / capacity);
      this._fill.title = this._trans.__('%1 % of max_entries', percent);
      this._fill.setAttribute('aria-label', this._fill.title);
    }
  }

  private _badgeFor(state: StoreState, origin: RowsOrigin): IBadge {
    const trans = this._trans;
    if (origin === 'lost') {
      return {
        icon: endedIcon,
        text: trans.__('Not connected'),
        caption: trans.__('The server does not answer; these are the last rows that came.'),
        modifier: 'jp-mod-warn'
      };
    }
    if (origin === 'saved') {
      return {
        icon: snapshotIcon,
        text: trans.__('Snapshot'),
        caption: trans.__('Saved with the notebook. Run the cell for living data.'),
        modifier: ''
      };
    }
    if (state === 'live' && this._isPaused) {
      return {
        icon: pauseIcon,
        text: trans.__('Paused'),
        caption: trans.__('Rows come in and are kept; these stay until you go on.'),
        modifier: 'jp-mod-warn'
      };
    }
    return state === 'live'
      ? {
          icon: liveIcon,
          text: trans.__('Live'),
          caption: trans.__('Rows come in while you look.'),
          modifier: 'jp-mod-good'
        }
      : {
          icon: endedIcon,
          text: trans.__('Ended'),
          caption: trans.__('The run is over; its rows are kept.'),
          modifier: ''
        };
  }

  private _setBadge({ icon, text, caption, modifier }: IBadge): void {
    if (this._badge.textContent === text) {
      return;
    }
    this._badge.className = `jp-BpflabBadge ${modifier}`;
    this._badge.title = caption;
    this._badge.replaceChildren(icon.element({ tag: 'span', className: 'jp-BpflabBadge-icon' }), text);
  }

  private readonly _trans: TranslationBundle;
  private readonly _title: HTMLSpanElement;
  private readonly _facts: HTMLSpanElement;
  private readonly _fill: HTMLMeterElement;
  private readonly _badge: HTMLSpanElement;
  private readonly _buttons: HTMLSpanElement;
  private readonly _losses: HTMLParagraphElement;
  private _isPaused = false;
  /** Of rows that come from the session. */
  private _state: StoreState | null = null;
}
