import type { TranslationBundle } from '@jupyterlab/translation';
import { clearIcon } from '@jupyterlab/ui-components';
import type { ColumnSpec, WindowFilter } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { makeFilter } from './make-filter.js';

const TEXT_OPS: WindowFilter['op'][] = ['contains', 'not contains', '=', '!='];
const NUMBER_OPS: WindowFilter['op'][] = ['=', '!=', '<', '<=', '>', '>='];

/** One condition on one column: column, comparison, value. */
export class FilterBar {
  constructor(columns: readonly ColumnSpec[], trans: TranslationBundle, onChange: (filters: WindowFilter[]) => void) {
    this._columns = columns;
    this._trans = trans;
    this._onChange = onChange;
    this._column = element(
      'select',
      { class: 'jp-BpflabFilter-field', 'aria-label': trans.__('Column'), change: () => this._onColumn() },
      ...columns.map(({ name }) => element('option', { value: name }, name))
    );
    this._op = element('select', {
      class: 'jp-BpflabFilter-field',
      'aria-label': trans.__('Comparison'),
      change: () => this._publish()
    });
    this._value = element('input', {
      class: 'jp-BpflabFilter-field',
      type: 'search',
      'aria-label': trans.__('Value'),
      placeholder: trans.__('Value'),
      input: () => this._publish()
    });
    const clear = button({ label: trans.__('Clear Filter'), icon: clearIcon, onClick: () => this.clear() });
    this.node = element(
      'div',
      { class: 'jp-BpflabFilter', role: 'search', 'data-lm-suppress-shortcuts': 'true' },
      this._column,
      this._op,
      this._value,
      clear
    );
    this._fillOps();
  }

  readonly node: HTMLDivElement;

  focus(): void {
    this._value.focus();
  }

  clear(): void {
    this._value.value = '';
    this._publish();
  }

  private _onColumn(): void {
    this._fillOps();
    this._publish();
  }

  private _fillOps(): void {
    const ops = this._selected()?.kind === 'text' ? TEXT_OPS : NUMBER_OPS;
    const names: Partial<Record<WindowFilter['op'], string>> = {
      contains: this._trans.__('contains'),
      'not contains': this._trans.__('does not contain')
    };
    this._op.replaceChildren(...ops.map(op => element('option', { value: op }, names[op] ?? op)));
  }

  private _selected(): ColumnSpec | undefined {
    return this._columns.find(({ name }) => name === this._column.value);
  }

  private _publish(): void {
    const column = this._selected();
    const filter =
      column === undefined ? null : makeFilter(column, this._op.value as WindowFilter['op'], this._value.value);
    const isWrong = filter === null && this._value.value.trim() !== '';
    this._value.setAttribute('aria-invalid', String(isWrong));
    this._onChange(filter === null ? [] : [filter]);
  }

  private readonly _columns: readonly ColumnSpec[];
  private readonly _trans: TranslationBundle;
  private readonly _onChange: (filters: WindowFilter[]) => void;
  private readonly _column: HTMLSelectElement;
  private readonly _op: HTMLSelectElement;
  private readonly _value: HTMLInputElement;
}
