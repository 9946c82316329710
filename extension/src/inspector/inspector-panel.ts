import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import type { InspectInventory } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import type { IPageWords } from '../output-services.js';
import type { LabSession } from '../session/lab-session.js';
import type { LabSessions } from '../session/lab-sessions.js';
import { InspectError, InspectorClient } from './inspector-client.js';
import { inventorySections, type IInventoryItem, type IInventorySection, type IItemAction } from './inventory-items.js';

/** Between two looks at the target, while somebody looks at the panel. */
const REFRESH_MS = 1000;

/** What the panel needs from the application. */
export interface IInspectorOptions extends IPageWords {
  sessions: LabSessions;
  /** Opens what an item has to show in the main area. */
  open(action: IItemAction['do'], client: InspectorClient, session: LabSession): Promise<void>;
}

interface IDrawnItem {
  node: HTMLElement;
  stats: HTMLElement;
  signature: string;
}

/** What the kernel of the current notebook's target has loaded. It asks only while it is visible, once a second. */
export class InspectorPanel extends Widget {
  constructor(options: IInspectorOptions) {
    super();
    this.addClass('jp-BpflabInspector');
    this._options = options;
    const { trans, sessions } = options;
    this._filter = element('input', {
      class: 'jp-BpflabFilter-field',
      type: 'search',
      placeholder: trans.__('Filter'),
      'aria-label': trans.__('Filter what is loaded'),
      input: () => this._draw()
    });
    this._whole = element('input', { type: 'checkbox', change: () => this._draw() });
    this._says = element('p', { class: 'jp-BpflabInspector-says', role: 'status' });
    this._list = element('div', { class: 'jp-BpflabInspector-list' });
    this.node.append(
      element(
        'div',
        { class: 'jp-BpflabInspector-bar' },
        this._filter,
        element('label', {}, this._whole, trans.__('Whole target'))
      ),
      this._says,
      this._list
    );
    sessions.currentChanged.connect(this._connect, this);
    document.addEventListener('visibilitychange', this._onShown);
    this._connect();
  }

  /** Whether the panel is in front; the application says so. */
  set shown(shown: boolean) {
    this._isShown = shown;
    this._onShown();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._options.sessions.currentChanged.disconnect(this._connect, this);
      document.removeEventListener('visibilitychange', this._onShown);
      clearTimeout(this._timer);
      this._client?.dispose();
      super.dispose();
    }
  }

  private _connect(): void {
    const kernel = this._options.sessions.current?.kernel ?? null;
    if (kernel !== (this._client?.kernel ?? null)) {
      this._client?.dispose();
      this._client = kernel === null ? null : new InspectorClient(kernel, this._options);
      this._inventory = null;
      this._drawn.clear();
    }
    this._draw();
    this._onShown();
  }

  private readonly _onShown = (): void => {
    clearTimeout(this._timer);
    if (this._isShown && document.visibilityState === 'visible') {
      void this._refresh();
    }
  };

  private async _refresh(): Promise<void> {
    const client = this._client;
    if (client !== null && !this._isAsking) {
      this._isAsking = true;
      try {
        const inventory = await client.ask({ type: 'inventory' });
        if (client === this._client) {
          this._inventory = inventory;
          this._draw();
        }
      } catch (error) {
        if (!(error instanceof InspectError)) {
          throw error;
        }
        if (client === this._client) {
          this._inventory = null;
          this._failure = error.message;
          this._draw();
        }
      } finally {
        this._isAsking = false;
      }
    }
    clearTimeout(this._timer);
    if (this._isShown && !this.isDisposed && document.visibilityState === 'visible') {
      this._timer = setTimeout(() => void this._refresh(), REFRESH_MS);
    }
  }

  private _draw(): void {
    const { trans } = this._options;
    const inventory = this._inventory;
    const empty = this._emptyText();
    if (inventory === null || inventory.target_state !== 'ready') {
      this._says.textContent = empty;
      this._list.replaceChildren();
      this._drawn.clear();
      return;
    }
    const where = `${inventory.target}, Linux ${inventory.kernel_release}`;
    this._says.textContent = where;
    const filter = { isWhole: this._whole.checked, text: this._filter.value };
    this._list.replaceChildren(
      ...inventorySections(inventory, filter, trans).map(section => this._section(section, inventory))
    );
  }

  private _emptyText(): string {
    const { trans, sessions, language } = this._options;
    if (sessions.currentPanel === null) {
      return trans.__('Open a notebook to see what its target has loaded.');
    }
    if (this._client === null) {
      return trans.__('The kernel of this notebook is not connected, or is no eBPF kernel.');
    }
    const inventory = this._inventory;
    if (inventory === null) {
      return this._failure === '' ? trans.__('Looking…') : this._failure;
    }
    switch (inventory.target_state) {
      case 'none':
        return trans.__('There is no target yet. It starts with the first cell.');
      case 'starting':
        return trans.__('The target is starting. %1', gatewayWords.say(inventory.message, language));
      default:
        return trans.__(
          'The target is gone. %1 The next cell starts a new one.',
          gatewayWords.say(inventory.message, language)
        );
    }
  }

  /** Sections are made anew, their items only where something other than the numbers has changed: focus stays. */
  private _section(section: IInventorySection, inventory: InspectInventory): HTMLElement {
    const { trans } = this._options;
    const active = document.activeElement;
    const known = this._sections.get(section.kind);
    const details = known ?? element('details', { class: 'jp-BpflabInspector-section', open: section.kind !== 'btf' });
    if (known === undefined) {
      details.append(element('summary', {}), element('ul', {}));
      this._sections.set(section.kind, details);
    }
    const [summary, list] = [details.querySelector('summary'), details.querySelector('ul')];
    const total = inventory[section.kind].length;
    const count = section.items.length === total ? String(total) : trans.__('%1 of %2', section.items.length, total);
    if (summary !== null) {
      summary.textContent = `${section.title} (${count})`;
    }
    const nodes = section.items.map(item => this._item(item));
    if (
      list !== null &&
      (nodes.length !== list.children.length || nodes.some((node, at) => node !== list.children[at]))
    ) {
      list.replaceChildren(...nodes);
    }
    if (active instanceof HTMLElement && details.contains(active) && active !== document.activeElement) {
      active.focus();
    }
    return details;
  }

  private _item(item: IInventoryItem): HTMLElement {
    const signature = JSON.stringify({ ...item, stats: '' });
    const known = this._drawn.get(item.key);
    if (known?.signature === signature) {
      known.stats.textContent = item.stats;
      return known.node;
    }
    const stats = element('div', { class: 'jp-BpflabInspector-stats' }, item.stats);
    const node = element(
      'li',
      { class: 'jp-BpflabInspector-item' },
      element(
        'div',
        { class: 'jp-BpflabInspector-name' },
        element('span', {}, item.name),
        element('span', { class: 'jp-BpflabInspector-id' }, `#${item.id}`)
      ),
      element('div', { class: 'jp-BpflabInspector-facts' }, item.facts.join(' · ')),
      stats,
      element(
        'div',
        { class: 'jp-BpflabInspector-actions' },
        ...item.actions.map(action => {
          const label = `${action.label}: ${item.name}`;
          const node = button({
            label,
            text: action.label,
            caption: action.caption,
            onClick: () => void this._act(action)
          });
          node.setAttribute('aria-label', label);
          return node;
        })
      )
    );
    this._drawn.set(item.key, { node, stats, signature });
    return node;
  }

  private async _act(action: IItemAction): Promise<void> {
    const { trans, sessions } = this._options;
    const [client, session] = [this._client, sessions.current];
    if (client === null || session === null) {
      return;
    }
    if (action.question !== '') {
      const answer = await showDialog({
        title: action.label,
        body: action.question,
        buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: action.label })]
      });
      if (!answer.button.accept) {
        return;
      }
    }
    try {
      if (action.do.kind === 'detach') {
        await client.ask({ type: 'detach', link: action.do.link });
      } else if (action.do.kind === 'unpin') {
        await client.ask({ type: 'unpin', path: action.do.path });
      } else {
        await this._options.open(action.do, client, session);
      }
    } catch (error) {
      if (!(error instanceof InspectError)) {
        throw error;
      }
      Notification.error(trans.__('%1 was refused. %2', action.label, error.message), { autoClose: 10_000 });
    }
    this._onShown();
  }

  private readonly _options: IInspectorOptions;
  private readonly _filter: HTMLInputElement;
  private readonly _whole: HTMLInputElement;
  private readonly _says: HTMLElement;
  private readonly _list: HTMLElement;
  private readonly _sections = new Map<string, HTMLElement>();
  private readonly _drawn = new Map<string, IDrawnItem>();
  private _client: InspectorClient | null = null;
  private _inventory: InspectInventory | null = null;
  private _failure = '';
  private _isShown = false;
  private _isAsking = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
