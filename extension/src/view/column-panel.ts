import type { TranslationBundle } from '@jupyterlab/translation';
import type { ColumnSpec } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';

/** Boxes that are drawn; the search finds the others. */
const MAX_BOXES = 200;

/** What a panel offers. */
export interface IColumnPanelOptions {
  trans: TranslationBundle;
  columns: readonly ColumnSpec[];
  isShown: (column: ColumnSpec) => boolean;
  onChange: (column: string, shown: boolean) => void;
  /** Back to what is shown at first. */
  onReset: () => void;
}

/** Which columns a table shows: a box for each, with a search where there are many. */
export class ColumnPanel {
  constructor(options: IColumnPanelOptions) {
    this._options = options;
    const { trans } = options;
    this._search = element('input', {
      class: 'jp-BpflabFilter-field',
      type: 'search',
      'aria-label': trans.__('Find a column'),
      placeholder: trans.__('Find a column'),
      input: () => this.refresh()
    });
    this._search.hidden = options.columns.length <= 12;
    this._boxes = element('div', { class: 'jp-BpflabColumns-boxes', tabindex: -1 });
    this._more = element('p', { class: 'jp-BpflabView-facts' });
    this.node = element(
      'div',
      {
        class: 'jp-BpflabColumns',
        role: 'group',
        'aria-label': trans.__('Columns'),
        'data-lm-suppress-shortcuts': 'true'
      },
      this._search,
      this._boxes,
      this._more,
      button({ label: trans.__('Reset Columns'), text: trans.__('Reset Columns'), onClick: options.onReset })
    );
    this.refresh();
  }

  readonly node: HTMLDivElement;

  focus(): void {
    const first = this._search.hidden ? this._boxes.querySelector('input') : this._search;
    first?.focus();
  }

  /** Draws the boxes anew, as columns are shown now. */
  refresh(): void {
    const { columns, trans } = this._options;
    const wanted = this._search.value.trim().toLowerCase();
    const found = columns.filter(({ name }) => name.toLowerCase().includes(wanted));
    this._boxes.replaceChildren(...found.slice(0, MAX_BOXES).map(column => this._box(column)));
    const hidden = found.length - MAX_BOXES;
    this._more.hidden = hidden <= 0;
    this._more.textContent = hidden <= 0 ? '' : trans._n('%1 more column', '%1 more columns', hidden);
  }

  private _box(column: ColumnSpec): HTMLLabelElement {
    const { isShown, onChange } = this._options;
    const box = element('input', {
      type: 'checkbox',
      change: () => onChange(column.name, box.checked)
    });
    box.checked = isShown(column);
    return element('label', { title: plainText(column.c_type) }, box, plainText(column.name));
  }

  private readonly _options: IColumnPanelOptions;
  private readonly _search: HTMLInputElement;
  private readonly _boxes: HTMLDivElement;
  private readonly _more: HTMLParagraphElement;
}
