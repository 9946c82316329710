import { copyIcon, filterIcon, pauseIcon, tableRowsIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import type { StoreState, ViewBundle } from 'kernel-gateway/protocol';
import { button, setPressed } from '../dom/button.js';
import { element } from '../dom/element.js';
import { formatCount } from '../format/quantity.js';
import { endedIcon, followIcon, liveIcon, snapshotIcon } from '../icons.js';
import { lossText } from './loss-text.js';
import type { IRowWindow } from './row-window.js';

/** What the header's buttons do. Absent ones are not shown. */
export interface IViewActions {
  onFollow?: (follow: boolean) => void;
  onPause: (paused: boolean) => void;
  onFilter?: (shown: boolean) => void;
  onTable?: (asTable: boolean) => void;
  onCopy: () => void;
}

interface IBadge {
  icon: LabIcon;
  text: string;
  caption: string;
  modifier: string;
}

/** Title, numbers, state and buttons of a view; losses and notes stand under them. */
export class ViewHeader extends Widget {
  constructor(bundle: ViewBundle, trans: TranslationBundle) {
    super();
    this.addClass('jp-BpflabView-header');
    this._trans = trans;
    this._title = element('span', { class: 'jp-BpflabView-title' }, bundle.title);
    this._facts = element('span', { class: 'jp-BpflabView-facts' });
    this._badge = element('span', { class: 'jp-BpflabBadge' });
    this._buttons = element('span', {
      class: 'jp-BpflabView-buttons',
      role: 'toolbar',
      'aria-label': trans.__('View')
    });
    this._losses = element('p', { class: 'jp-BpflabView-losses' });
    this._losses.hidden = true;
    this.node.append(
      element('div', { class: 'jp-BpflabView-bar' }, this._title, this._badge, this._facts, this._buttons),
      this._losses
    );
  }

  /** Shows the buttons for a way of drawing. */
  setActions(actions: IViewActions, state: { follow: boolean; asTable: boolean }): void {
    const trans = this._trans;
    const toggles: (HTMLButtonElement | null)[] = [
      this._toggle(trans.__('Table'), tableRowsIcon, actions.onTable, state.asTable),
      (this._follow = this._toggle(trans.__('Follow New Rows'), followIcon, actions.onFollow, state.follow)),
      (this._pause = this._toggle(trans.__('Pause'), pauseIcon, actions.onPause, false)),
      this._toggle(trans.__('Filter'), filterIcon, actions.onFilter, false)
    ];
    const copy = button({
      label: trans.__('Copy'),
      caption: trans.__('Copy the selected rows, or the first 2,000'),
      icon: copyIcon,
      onClick: actions.onCopy
    });
    this._buttons.replaceChildren(...toggles.filter(node => node !== null), copy);
  }

  setFollow(follow: boolean): void {
    if (this._follow) {
      setPressed(this._follow, follow);
    }
  }

  /** Numbers, losses and state of a window. `isLive`: the rows come from the session, not from the notebook. */
  refresh(bundle: ViewBundle, window: IRowWindow | null, isLive: boolean): void {
    this._title.textContent = bundle.title;
    const state = isLive && window ? window.state : bundle.state;
    this._setBadge(this._badgeFor(state, isLive));
    this._facts.textContent = this._factsText(bundle, window, isLive);
    const losses = lossText(window?.losses ?? bundle.snapshot.losses, bundle.kind, this._trans);
    this._losses.hidden = losses === null;
    this._losses.textContent = losses?.text ?? '';
    this._losses.classList.toggle('jp-mod-warning', losses?.isLoss ?? false);
    const canPause = isLive && state === 'live';
    if (this._pause) {
      this._pause.hidden = !canPause;
    }
    if (this._follow) {
      this._follow.hidden = !canPause;
    }
  }

  private _toggle(
    label: string,
    icon: LabIcon,
    onChange: ((pressed: boolean) => void) | undefined,
    pressed: boolean
  ): HTMLButtonElement | null {
    if (onChange === undefined) {
      return null;
    }
    const node = button({
      label,
      icon,
      pressed,
      onClick: () => {
        const next = node.getAttribute('aria-pressed') !== 'true';
        setPressed(node, next);
        onChange(next);
      }
    });
    return node;
  }

  private _badgeFor(state: StoreState, isLive: boolean): IBadge {
    const trans = this._trans;
    if (!isLive) {
      return {
        icon: snapshotIcon,
        text: trans.__('Snapshot'),
        caption: trans.__('Saved with the notebook. Run the cell for living data.'),
        modifier: ''
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

  private _factsText(bundle: ViewBundle, window: IRowWindow | null, isLive: boolean): string {
    const trans = this._trans;
    const total = window?.total ?? bundle.snapshot.total_rows;
    const held = window?.matching ?? bundle.snapshot.rows.length;
    const parts: string[] = [];
    if (bundle.kind === 'map' || bundle.kind === 'histogram') {
      parts.push(
        bundle.capacity === undefined
          ? trans._n('%2 entry', '%2 entries', Number(total), formatCount(total))
          : trans.__('%1 of %2 entries', formatCount(total), formatCount(bundle.capacity))
      );
    } else {
      parts.push(
        bundle.kind === 'events'
          ? trans._n('%2 event', '%2 events', Number(total), formatCount(total))
          : trans._n('%2 line', '%2 lines', Number(total), formatCount(total))
      );
    }
    if (bundle.kind !== 'histogram' && String(held) !== total) {
      const text = isLive
        ? trans.__('%1 shown', formatCount(String(held)))
        : trans.__('%1 saved', formatCount(String(held)));
      parts.push(text);
    }
    return parts.join(' · ');
  }

  private readonly _trans: TranslationBundle;
  private readonly _title: HTMLSpanElement;
  private readonly _facts: HTMLSpanElement;
  private readonly _badge: HTMLSpanElement;
  private readonly _buttons: HTMLSpanElement;
  private readonly _losses: HTMLParagraphElement;
  private _follow: HTMLButtonElement | null = null;
  private _pause: HTMLButtonElement | null = null;
}
