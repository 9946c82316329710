import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, closeIcon, deleteIcon } from '@jupyterlab/ui-components';
import { MAP_HEX_COLUMNS, type ColumnSpec, type SessionCommand, type ViewBundle } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { plainText } from '../format/plain-text.js';
import { CommandError, type LabSession } from '../session/lab-session.js';
import { CellEditor } from './cell-editor.js';
import { EntryForm } from './entry-form.js';
import { editableText } from './field-input.js';
import type { GridWidget } from './grid-widget.js';
import { isDerived } from './visible-columns.js';

/** What entries are edited with. */
export interface IMapToolsOptions {
  bundle: ViewBundle;
  session: LabSession;
  grid: GridWidget;
  /** Columns that the grid shows, in order. */
  columns: readonly ColumnSpec[];
  trans: TranslationBundle;
  /** Where the form for a new entry stands. */
  host: HTMLElement;
}

/** Editing the entries of a living map: cells in place, new entries, deleting, clearing. */
export class MapTools {
  constructor(options: IMapToolsOptions) {
    this._options = options;
    options.grid.editing = {
      edit: (row, column) => this._edit(row, column),
      remove: () => this._remove()
    };
  }

  /** Buttons for the view's header. */
  buttons(): HTMLButtonElement[] {
    const { bundle, trans } = this._options;
    const { editing } = bundle;
    return [
      ...(editing?.can_insert === true
        ? [button({ label: trans.__('Add Entry'), icon: addIcon, onClick: () => this._openForm() })]
        : []),
      ...(editing?.can_delete === true
        ? [
            button({
              label: trans.__('Delete Entries'),
              caption: trans.__('Delete the selected entries'),
              icon: deleteIcon,
              onClick: () => void this._remove()
            })
          ]
        : []),
      button({
        label: trans.__('Clear Map…'),
        caption: editing?.can_delete === true ? trans.__('Delete all entries') : trans.__('Set all entries to 0'),
        icon: closeIcon,
        onClick: () => void this._clear()
      })
    ];
  }

  dispose(): void {
    this._form?.node.remove();
    this._form = null;
  }

  /** Columns that can be written: not hex; of a per-CPU value each CPU, and the sum. */
  private _isEditable(column: ColumnSpec): boolean {
    const { role, per_cpu: part } = column;
    const isIndex = role === 'key' && this._options.bundle.editing?.can_delete !== true;
    return !isDerived(column) && !isIndex && (role === 'key' || role === 'value') && part?.cpu !== -1;
  }

  private _edit(row: number, name: string | null): boolean {
    const { grid, columns, trans } = this._options;
    const column =
      name === null
        ? columns.find(one => one.role === 'value' && this._isEditable(one))
        : columns.find(one => one.name === name);
    const cell = column === undefined ? null : grid.cellNode(row, column.name);
    const key = grid.cell(row, MAP_HEX_COLUMNS.key);
    if (column === undefined || !this._isEditable(column) || cell === null || key === '') {
      return false;
    }
    grid.held = true;
    const shown = grid.cell(row, column.name);
    new CellEditor({
      cell,
      field: {
        label: plainText(column.name),
        value: column.choices === undefined ? editableText(shown) : shown,
        title: plainText(column.c_type),
        ...(column.choices === undefined ? {} : { choices: column.choices })
      },
      goneText: trans.__('The session does not answer.'),
      save: text => this._ask({ type: 'map_update', key, fields: [{ column: column.name, text }] }),
      onClose: step => {
        grid.held = false;
        const next = step === 0 ? undefined : this._neighbor(column, step);
        if (next === undefined || !this._edit(row, next.name)) {
          grid.focusRows();
        }
      }
    });
    return true;
  }

  private _neighbor(column: ColumnSpec, step: -1 | 1): ColumnSpec | undefined {
    const editable = this._options.columns.filter(one => this._isEditable(one));
    return editable[editable.indexOf(column) + step];
  }

  private _remove(): boolean {
    const { grid, bundle, trans } = this._options;
    if (bundle.editing?.can_delete !== true || grid.activeRow === null) {
      return false;
    }
    void grid.selectedCells(MAP_HEX_COLUMNS.key).then(async keys => {
      const body = trans._n('Delete %1 entry?', 'Delete %1 entries?', keys.length);
      if (keys.length === 1 || (await this._isSure(trans.__('Delete Entries'), body, trans.__('Delete')))) {
        await this._do({ type: 'map_delete', keys });
        grid.focusRows();
      }
    });
    return true;
  }

  private async _clear(): Promise<void> {
    const { bundle, trans } = this._options;
    const title = plainText(bundle.title);
    const canDelete = bundle.editing?.can_delete === true;
    const body = canDelete
      ? trans.__('Delete all entries of "%1"? They cannot be brought back.', title)
      : trans.__('Set all entries of "%1" to 0? Their values cannot be brought back.', title);
    const label = canDelete ? trans.__('Delete') : trans.__('Set to 0');
    if (await this._isSure(trans.__('Clear Map'), body, label)) {
      await this._do({ type: 'map_clear' });
    }
  }

  private async _isSure(title: string, body: string, label: string): Promise<boolean> {
    const buttons = [Dialog.cancelButton(), Dialog.warnButton({ label })];
    const { button: pressed } = await showDialog({ title, body, buttons });
    return pressed.accept;
  }

  private _openForm(): void {
    const { bundle, trans, host } = this._options;
    if (this._form !== null) {
      this._form.focus();
      return;
    }
    const names = new Set(bundle.columns.map(({ name }) => name));
    const close = (): void => {
      this._form?.node.remove();
      this._form = null;
    };
    this._form = new EntryForm({
      // Of a per-CPU value the sum, or CPU 0 where there is none.
      columns: bundle.columns.filter(
        ({ per_cpu: part }) => part === undefined || (part.cpu === 0 && !names.has(part.of))
      ),
      trans,
      save: fields => this._ask({ type: 'map_insert', fields }),
      onClose: close
    });
    host.prepend(this._form.node);
    this._form.focus();
  }

  private _ask(command: MapCommand): Promise<void> {
    const { session, bundle } = this._options;
    return session.ask({ ...command, view: bundle.view });
  }

  /** As `_ask`; a failure is told as one of any command. */
  private async _do(command: MapCommand): Promise<void> {
    const { session } = this._options;
    try {
      await this._ask(command);
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      session.tellFailure(error);
    }
  }

  private readonly _options: IMapToolsOptions;
  private _form: EntryForm | null = null;
}

type MapCommand =
  | Omit<Extract<SessionCommand, { type: 'map_update' }>, 'view'>
  | Omit<Extract<SessionCommand, { type: 'map_insert' }>, 'view'>
  | Omit<Extract<SessionCommand, { type: 'map_delete' }>, 'view'>
  | Omit<Extract<SessionCommand, { type: 'map_clear' }>, 'view'>;
