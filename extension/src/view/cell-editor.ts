import { element } from '../dom/element.js';
import { CommandError } from '../session/lab-session.js';
import { fieldInput, type FieldElement, type IFieldOptions } from './field-input.js';

/** Where a cell is edited and what becomes of it. */
export interface ICellEditorOptions {
  cell: HTMLTableCellElement;
  field: Omit<IFieldOptions, 'errorId'>;
  /** Said when the session does not answer. */
  goneText: string;
  /** Resolves when the text is in the map; rejects with the reason when it cannot be. */
  save: (text: string) => Promise<void>;
  /** Called once; `step`: Tab (1) or Shift+Tab (-1) went on to the next cell. */
  onClose: (step: -1 | 0 | 1) => void;
}

let ids = 0;

/** A field over a cell. Enter saves, Escape leaves it as it was; what is wrong is said below the table, and the text stays. */
export class CellEditor {
  constructor(options: ICellEditorOptions) {
    this._options = options;
    const { cell, field } = options;
    const errorId = `jp-BpflabCellEditor-${++ids}`;
    this._error = element('p', { class: 'jp-BpflabCellEditor-error', role: 'alert', id: errorId });
    this._error.hidden = true;
    this._field = fieldInput({ ...field, errorId });
    this._before = this._field.value;
    this._node = element('div', { class: 'jp-BpflabCellEditor', 'data-lm-suppress-shortcuts': 'true' }, this._field);
    const scroll = cell.closest('.jp-BpflabGrid-scroll');
    const grid = cell.closest<HTMLElement>('.jp-BpflabGrid');
    const [box, outer] = [cell.getBoundingClientRect(), grid?.getBoundingClientRect()];
    const right = scroll?.getBoundingClientRect().right ?? box.right;
    this._node.style.left = `${Math.max(0, box.left - (outer?.left ?? 0))}px`;
    this._node.style.top = `${box.top - (outer?.top ?? 0)}px`;
    this._node.style.minWidth = `${Math.max(120, Math.min(box.width, right - box.left))}px`;
    // What is wrong stands below the table, where it is not cut off.
    grid?.append(this._node, this._error);
    this._node.addEventListener('keydown', event => this._onKey(event));
    this._field.addEventListener('blur', () => void this._onBlur());
    this._field.focus();
    if (this._field instanceof HTMLInputElement) {
      this._field.select();
    }
  }

  private _onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === 'Enter' || event.key === 'Tab') {
      event.preventDefault();
      void this._save(event.key === 'Enter' ? 0 : event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this._close(0);
    }
  }

  /** Going elsewhere with the mouse leaves what was not changed; a change is saved. */
  private async _onBlur(): Promise<void> {
    if (!this._isSaving && this._field.getAttribute('aria-invalid') !== 'true') {
      await this._save(0);
    }
  }

  private async _save(step: -1 | 0 | 1): Promise<void> {
    if (this._isSaving || this._isClosed) {
      return;
    }
    if (this._field.value === this._before) {
      this._close(step);
      return;
    }
    this._isSaving = true;
    try {
      await this._options.save(this._field.value);
      this._close(step);
    } catch (error) {
      this._say(error);
    } finally {
      this._isSaving = false;
    }
  }

  private _say(error: unknown): void {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    this._error.textContent = error.message === '' ? this._options.goneText : error.message;
    this._error.hidden = false;
    this._field.setAttribute('aria-invalid', 'true');
    this._field.focus();
  }

  private _close(step: -1 | 0 | 1): void {
    if (!this._isClosed) {
      this._isClosed = true;
      this._node.remove();
      this._error.remove();
      this._options.onClose(step);
    }
  }

  private readonly _options: ICellEditorOptions;
  private readonly _node: HTMLDivElement;
  private readonly _field: FieldElement;
  private readonly _error: HTMLParagraphElement;
  private readonly _before: string;
  private _isSaving = false;
  private _isClosed = false;
}
