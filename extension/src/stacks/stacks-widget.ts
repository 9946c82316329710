import { tableRowsIcon } from '@jupyterlab/ui-components';
import type { StackProfile } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { button, setPressed } from '../dom/button.js';
import { element } from '../dom/element.js';
import { formatCount, formatPercent } from '../format/quantity.js';
import { firstRows } from '../view/snapshot-source.js';
import type { IPageWords } from '../output-services.js';
import type { IRowSource } from '../view/row-source.js';
import type { IRowWindow } from '../view/row-window.js';
import { SourceContent } from '../view/source-content.js';
import { FlameGraph } from './flame-graph.js';
import { flameTree, matchedCount, shareOf, type IFlameNode } from './flame-tree.js';
import { stackTable, stackText } from './stack-table.js';

/** What a view of stacks shows. */
export interface IStacksOptions extends IPageWords {
  label: string;
  source: IRowSource;
  emptyText: string;
}

/** Counted stacks as a flame graph, or as a table; a search marks functions in both and says their share. */
export class StacksWidget extends SourceContent {
  constructor(options: IStacksOptions) {
    super(options.source, firstRows(0));
    this.addClass('jp-BpflabStacks');
    this._options = options;
    const { trans } = options;
    this._search = element('input', {
      class: 'jp-BpflabFilter-field',
      type: 'search',
      placeholder: trans.__('Find functions'),
      'aria-label': trans.__('Find functions'),
      input: () => this._find(),
      keydown: event => event.stopPropagation()
    });
    this._found = element('span', { class: 'jp-BpflabView-facts', role: 'status' });
    this._asTable = button({
      label: trans.__('Stacks as a Table'),
      text: trans.__('Table'),
      icon: tableRowsIcon,
      pressed: false,
      onClick: () => this._toggleTable()
    });
    this._body = element('div', { class: 'jp-BpflabStacks-body' });
    this._problems = element('div', { class: 'jp-BpflabView-notes' });
    const bar = element('div', { class: 'jp-BpflabFilter' }, this._search, this._asTable, this._found);
    this.node.append(bar, this._body, this._problems);
    this._graph = new FlameGraph({ label: options.label, trans });
    this._draw();
    this.open();
  }

  /** All stacks, one a line: count and functions from the outermost on, as other flame graph tools read them. */
  copyText(): Promise<string> {
    return Promise.resolve(this._profile === null ? '' : stackText(this._profile));
  }

  protected override onWindow(window: IRowWindow): void {
    if (this.isPaused || !this.isOnScreen || window.stacks === null || window.stacks === this._profile) {
      return;
    }
    const isSame = this._profile !== null && JSON.stringify(window.stacks) === JSON.stringify(this._profile);
    this._profile = window.stacks;
    if (!isSame) {
      this._draw();
    }
  }

  private _toggleTable(): void {
    this._isTable = !this._isTable;
    setPressed(this._asTable, this._isTable);
    this._draw();
  }

  private _draw(): void {
    const { trans, emptyText } = this._options;
    const profile = this._profile;
    if (profile === null || profile.stacks.length === 0) {
      this._body.replaceChildren(element('p', { class: 'jp-BpflabGrid-empty' }, emptyText));
      this._problems.replaceChildren();
      return;
    }
    const root = flameTree(profile);
    this._root = root;
    if (this._isTable) {
      this._body.replaceChildren(stackTable(profile, this._options.label, trans));
    } else {
      this._graph.show(root, profile.unit);
      if (this._graph.node.parentElement !== this._body) {
        this._body.replaceChildren(this._graph.node);
      }
    }
    const { omitted } = profile;
    const left =
      omitted.stacks > 0
        ? [
            trans.__(
              '%1 rarer stacks with %2 %3 are not drawn',
              omitted.stacks,
              formatCount(omitted.count),
              profile.unit
            )
          ]
        : [];
    const problems = profile.problems.map(text => gatewayWords.say(text, this._options.language));
    this._problems.replaceChildren(...[...left, ...problems].map(text => element('p', {}, text)));
    this._find();
  }

  private _find(): void {
    const { trans } = this._options;
    const text = this._search.value.trim().toLowerCase();
    const isMatch = (node: IFlameNode): boolean =>
      text !== '' && `${node.frame.name} ${node.frame.origin}`.toLowerCase().includes(text);
    this._graph.mark(isMatch);
    for (const row of this._body.querySelectorAll<HTMLElement>('tbody tr')) {
      row.hidden = text !== '' && !(row.textContent ?? '').toLowerCase().includes(text);
    }
    const root = this._root;
    if (text === '' || root === null) {
      this._found.textContent = '';
      return;
    }
    const count = matchedCount(root, isMatch);
    const share = formatPercent(shareOf(count, root.count));
    this._found.textContent = trans.__('in stacks with %1 (%2)', formatCount(String(count)), share);
  }

  private readonly _options: IStacksOptions;
  private readonly _graph: FlameGraph;
  private readonly _search: HTMLInputElement;
  private readonly _found: HTMLElement;
  private readonly _asTable: HTMLButtonElement;
  private readonly _body: HTMLElement;
  private readonly _problems: HTMLElement;
  private _profile: StackProfile | null = null;
  private _root: IFlameNode | null = null;
  private _isTable = false;
}
