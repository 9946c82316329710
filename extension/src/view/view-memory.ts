import type { Notebook } from '@jupyterlab/notebook';
import { ownerCell } from '../diagnosis/owner-cell.js';

/** Key of ours in a cell's metadata. */
const METADATA = 'bpflab';

/**
 * What the user chose about a view, kept in the metadata of its cell: the choice lives on when the cell runs again, and is
 * saved with the notebook. Where there is no notebook it is kept as long as the output.
 */
export class ViewMemory {
  /**
   * Remembers for one output.
   *
   * @param notebook - that the output stands in, null when it stands elsewhere
   * @param node - of the output
   */
  constructor(notebook: Notebook | null, node: HTMLElement) {
    this._notebook = notebook;
    this._node = node;
  }

  /** Columns of the view of that title that were shown or hidden by hand. */
  columns(title: string): Map<string, boolean> {
    const saved = this._views()[title];
    const columns = isRecord(saved) && isRecord(saved['columns']) ? saved['columns'] : {};
    const own = Object.entries(columns).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean');
    return this._local.get(title) ?? new Map(own);
  }

  /** Remembers the columns; an empty choice is forgotten. */
  setColumns(title: string, columns: ReadonlyMap<string, boolean>): void {
    this._local.set(title, new Map(columns));
    const cell = this._cell();
    if (cell === null || cell.model.getMetadata('editable') === false) {
      return;
    }
    const views = new Map(Object.entries(this._views()));
    views.delete(title);
    if (columns.size > 0) {
      views.set(title, { columns: Object.fromEntries(columns) });
    }
    if (views.size === 0) {
      cell.model.deleteMetadata(METADATA);
    } else {
      cell.model.setMetadata(METADATA, { views: Object.fromEntries(views) });
    }
  }

  private _cell(): ReturnType<typeof ownerCell> {
    return this._notebook === null ? null : ownerCell(this._notebook, this._node);
  }

  private _views(): Record<string, unknown> {
    const saved: unknown = this._cell()?.model.getMetadata(METADATA);
    return isRecord(saved) && isRecord(saved['views']) ? saved['views'] : {};
  }

  private readonly _notebook: Notebook | null;
  private readonly _node: HTMLElement;
  private readonly _local = new Map<string, Map<string, boolean>>();
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
