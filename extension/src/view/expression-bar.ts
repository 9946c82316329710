import { clearIcon } from '@jupyterlab/ui-components';
import { MAX_WHERE_CHARACTERS, type ColumnSpec } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';
import type { IPageWords } from '../output-services.js';
import type { IRowWindow } from './row-window.js';

/** Names that an expression can have without backticks (docs/reference/filters.md). */
const PLAIN_NAME = /^[\p{L}_@][\p{L}\p{N}_@#$]*(\.[\p{L}_][\p{L}\p{N}_@#$]*)*$/u;

let ids = 0;

/** A filter written as an expression; what is wrong with it is marked where it is. */
export class ExpressionBar {
  constructor(columns: readonly ColumnSpec[], { trans, language }: IPageWords, onChange: (where: string) => void) {
    this._language = language;
    this._onChange = onChange;
    const id = `jp-BpflabExpression-${++ids}`;
    this._error = element('p', { class: 'jp-BpflabExpression-error', id, role: 'status' });
    this._error.hidden = true;
    this._input = element('input', {
      class: 'jp-BpflabFilter-field jp-BpflabExpression-input',
      type: 'search',
      spellcheck: 'false',
      autocomplete: 'off',
      maxlength: MAX_WHERE_CHARACTERS,
      'aria-label': trans.__('Filter expression'),
      'aria-describedby': id,
      placeholder: exampleFor(columns),
      input: () => this._publish()
    });
    this._names = element(
      'select',
      {
        class: 'jp-BpflabFilter-field',
        'aria-label': trans.__('Insert a column'),
        change: () => this._insert()
      },
      element('option', { value: '' }, trans.__('Column')),
      ...columns.map(({ name }) => element('option', { value: name }, plainText(name)))
    );
    const clear = button({ label: trans.__('Clear Filter'), icon: clearIcon, onClick: () => this.clear() });
    this.node = element(
      'div',
      { class: 'jp-BpflabExpression', role: 'search', 'data-lm-suppress-shortcuts': 'true' },
      element('div', { class: 'jp-BpflabFilter' }, this._names, this._input, clear),
      this._error
    );
  }

  readonly node: HTMLDivElement;

  get value(): string {
    return this._input.value.trim();
  }

  set value(where: string) {
    this._input.value = where;
  }

  focus(): void {
    this._input.focus();
  }

  clear(): void {
    this._input.value = '';
    this._publish();
    this._input.focus();
  }

  /** What the session says of the expression; null: it can be read. */
  showError(error: IRowWindow['whereError']): void {
    const text = error === null ? '' : JSON.stringify([error, this._input.value]);
    if (text === this._shown) {
      return;
    }
    this._shown = text;
    this._error.hidden = error === null;
    this._input.setAttribute('aria-invalid', String(error !== null));
    if (error !== null) {
      const where = this._input.value;
      const [from, to] = [Math.max(0, error.from), Math.max(error.from, error.to)];
      const wrong = where.slice(from, to);
      this._error.replaceChildren(
        element('code', {}, where.slice(0, from), element('mark', {}, wrong === '' ? ' ' : wrong), where.slice(to)),
        element('span', {}, gatewayWords.say(error.message, this._language))
      );
    }
  }

  private _insert(): void {
    const name = this._names.value;
    this._names.value = '';
    if (name !== '') {
      const { selectionStart, selectionEnd } = this._input;
      const text = PLAIN_NAME.test(name) ? name : `\`${name}\``;
      this._input.setRangeText(text, selectionStart ?? 0, selectionEnd ?? 0, 'end');
      this._input.focus();
      this._publish();
    }
  }

  private _publish(): void {
    this._onChange(this.value);
  }

  private readonly _language: string;
  private readonly _onChange: (where: string) => void;
  private readonly _input: HTMLInputElement;
  private readonly _names: HTMLSelectElement;
  private readonly _error: HTMLParagraphElement;
  private _shown = '';
}

/** An expression over the view's own columns, for the empty field. */
function exampleFor(columns: readonly ColumnSpec[]): string {
  const plain = columns.filter(({ name, role }) => role !== 'meta' && PLAIN_NAME.test(name));
  const number = plain.find(({ kind }) => kind !== 'text');
  const text = plain.find(({ kind, choices }) => kind === 'text' && choices === undefined);
  const parts = [...(number ? [`${number.name} > 100`] : []), ...(text ? [`${text.name} ~ "bash"`] : [])];
  return parts.join(' && ');
}
