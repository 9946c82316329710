import type { TranslationBundle } from '@jupyterlab/translation';
import type { ColumnSpec, FieldText } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';
import { CommandError } from '../session/lab-session.js';
import { fieldInput, type FieldElement } from './field-input.js';

/** Fields that a form has; what else an entry has is 0. */
const MAX_FIELDS = 60;

/** A form for one entry. */
export interface IEntryFormOptions {
  /** Key columns first. */
  columns: readonly ColumnSpec[];
  trans: TranslationBundle;
  save: (fields: FieldText[]) => Promise<void>;
  onClose: () => void;
}

let ids = 0;

/** A new entry of a map: a field for each part of its key and value. Empty ones are 0. */
export class EntryForm {
  constructor(options: IEntryFormOptions) {
    this._options = options;
    const { trans } = options;
    const errorId = `jp-BpflabEntryForm-${++ids}`;
    this._fields = options.columns.slice(0, MAX_FIELDS).map(column => {
      const field = fieldInput({
        label: plainText(column.name),
        value: '',
        title: plainText(column.c_type),
        errorId,
        ...(column.choices === undefined ? {} : { choices: column.choices })
      });
      if (field instanceof HTMLInputElement) {
        field.placeholder = column.kind === 'text' ? '' : '0';
      }
      return { column, field };
    });
    this._error = element('p', { class: 'jp-BpflabCellEditor-error', role: 'alert', id: errorId });
    this._error.hidden = true;
    this.node = element(
      'form',
      {
        class: 'jp-BpflabEntryForm',
        'aria-label': trans.__('New entry'),
        'data-lm-suppress-shortcuts': 'true',
        submit: event => {
          event.preventDefault();
          void this._save();
        },
        keydown: event => this._onKey(event as KeyboardEvent)
      },
      ...this._fields.map(({ column, field }) =>
        element(
          'label',
          { class: column.role === 'key' ? 'jp-mod-key' : '' },
          element('span', {}, plainText(column.name)),
          field
        )
      ),
      element(
        'span',
        { class: 'jp-BpflabEntryForm-buttons' },
        element('button', { type: 'submit', class: 'jp-Button jp-BpflabButton jp-mod-accept' }, trans.__('Add')),
        button({ label: trans.__('Cancel'), text: trans.__('Cancel'), onClick: options.onClose })
      ),
      this._error
    );
  }

  readonly node: HTMLFormElement;

  focus(): void {
    this._fields[0]?.field.focus();
  }

  private _onKey(event: KeyboardEvent): void {
    const isInField = this._fields.some(({ field }) => field === event.target);
    if (event.key !== 'Escape' && !(event.key === 'Enter' && isInField)) {
      return;
    }
    // Enter would be the notebook's.
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') {
      this._options.onClose();
    } else {
      void this._save();
    }
  }

  private async _save(): Promise<void> {
    const { save, onClose, trans } = this._options;
    const fields = this._fields
      .filter(({ field }) => field.value !== '')
      .map(({ column, field }) => ({ column: column.name, text: field.value }));
    try {
      await save(fields);
      onClose();
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      this._error.textContent = error.message === '' ? trans.__('The session does not answer.') : error.message;
      this._error.hidden = false;
    }
  }

  private readonly _options: IEntryFormOptions;
  private readonly _fields: { column: ColumnSpec; field: FieldElement }[];
  private readonly _error: HTMLParagraphElement;
}
