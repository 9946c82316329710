import type { TranslationBundle } from '@jupyterlab/translation';
import type { GlobalControl } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';
import { CommandError } from '../session/lab-session.js';

/** One variable and how it is changed. */
export interface IGlobalRowOptions {
  control: GlobalControl;
  trans: TranslationBundle;
  /** Resolves when the program has the value. */
  set: (value: string) => Promise<void>;
}

let ids = 0;

/** A text as it is edited: without the quotes around it. */
const unquoted = (value: string): string => /^"([^"\\]*)"$/.exec(value)?.[1] ?? value;

/** A variable with its type and a control: a number or text field, a switch, a list. */
export class GlobalRow {
  constructor(options: IGlobalRowOptions) {
    this._options = options;
    const { control, trans } = options;
    const id = `jp-BpflabGlobal-${++ids}`;
    this._field = this._makeField(id);
    this._error = element('p', { class: 'jp-BpflabCellEditor-error', role: 'alert', id: `${id}-error` });
    this._error.hidden = true;
    this._reload = control.is_const
      ? button({
          label: trans.__('Set %1 and load the program anew', plainText(control.name)),
          text: trans.__('Set and Reload'),
          onClick: () => void this._save()
        })
      : null;
    this._field.addEventListener('keydown', event => this._onKey(event as KeyboardEvent));
    this._field.addEventListener('change', () => {
      if (!control.is_const) {
        void this._save();
      }
    });
    this._field.addEventListener('input', () => {
      this._isDirty = true;
      this._refreshButton();
    });
    this.node = element(
      'tr',
      { 'data-lm-suppress-shortcuts': 'true' },
      element('th', { scope: 'row' }, element('label', { for: id }, plainText(control.name))),
      element('td', { class: 'jp-mod-hint' }, plainText(control.c_type)),
      element('td', {}, element('div', { class: 'jp-BpflabGlobals-control' }, this._field, this._reload), this._error)
    );
    this.update('', false);
  }

  readonly node: HTMLTableRowElement;

  /** Value as the program has it. */
  get shown(): string {
    return this._value;
  }

  /** The program has this value; what the user is writing stays. */
  update(value: string, canSet: boolean): void {
    const { control } = this._options;
    this._field.disabled = !canSet || !control.can_set;
    this._value = value;
    if (!this._isDirty && !this._isSaving) {
      this._write(value);
    }
    this._refreshButton();
  }

  private _makeField(id: string): HTMLInputElement | HTMLSelectElement {
    const { control } = this._options;
    const attributes = { id, 'aria-describedby': `${id}-error`, class: 'jp-BpflabFilter-field' };
    switch (control.control) {
      case 'switch':
        return element('input', { ...attributes, type: 'checkbox', role: 'switch', class: 'jp-BpflabGlobals-switch' });
      case 'choice':
        return element(
          'select',
          attributes,
          ...(control.choices ?? []).map(name => element('option', { value: name }, plainText(name)))
        );
      default:
        return element('input', {
          ...attributes,
          type: 'text',
          spellcheck: 'false',
          autocomplete: 'off',
          maxlength: control.control === 'text' ? control.max_bytes : undefined
        });
    }
  }

  private _read(): string {
    const { control } = this._options.control;
    return control === 'switch' ? String((this._field as HTMLInputElement).checked) : this._field.value;
  }

  private _write(value: string): void {
    const { control } = this._options.control;
    if (control === 'switch') {
      (this._field as HTMLInputElement).checked = value === 'true';
      return;
    }
    if (this._field instanceof HTMLSelectElement && ![...this._field.options].some(one => one.value === value)) {
      // A number without a name.
      this._field.append(element('option', { value }, value));
    }
    const text = control === 'text' ? unquoted(value) : value;
    if (this._field.value !== text) {
      this._field.value = text;
    }
  }

  private _refreshButton(): void {
    if (this._reload !== null) {
      this._reload.disabled = this._field.disabled || !this._isDirty;
    }
  }

  private _onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      event.preventDefault();
      void this._save();
    } else if (event.key === 'Escape' && this._isDirty) {
      event.preventDefault();
      event.stopPropagation();
      this._settle();
    }
  }

  private async _save(): Promise<void> {
    if (this._isSaving || !this._isDirty) {
      return;
    }
    this._isSaving = true;
    try {
      // The window with the new value comes before the answer, or soon after it.
      await this._options.set(this._read());
      this._settle();
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      const { trans } = this._options;
      this._error.textContent = error.message === '' ? trans.__('The session does not answer.') : error.message;
      this._error.hidden = false;
      this._field.setAttribute('aria-invalid', 'true');
    } finally {
      this._isSaving = false;
    }
  }

  /** Shows what the program has again. */
  private _settle(): void {
    this._isDirty = false;
    this._error.hidden = true;
    this._field.removeAttribute('aria-invalid');
    this._write(this._value);
    this._refreshButton();
  }

  private readonly _options: IGlobalRowOptions;
  private readonly _field: HTMLInputElement | HTMLSelectElement;
  private readonly _error: HTMLParagraphElement;
  private readonly _reload: HTMLButtonElement | null;
  private _value = '';
  private _isDirty = false;
  private _isSaving = false;
}
