import type { Cell } from '@jupyterlab/cells';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { IDisposable } from '@lumino/disposable';
import type { DiagnosisItem } from 'kernel-gateway/protocol';

/** Marks of one diagnosis in one cell: they go when the cell's text changes, and when this is disposed (the cell ran again). */
export class EditorMarks implements IDisposable {
  constructor(cell: Cell, items: readonly DiagnosisItem[]) {
    this._cell = cell;
    this._items = items;
    cell.model.sharedModel.changed.connect(this._onEdit, this);
    // A windowed notebook makes editors only for cells near the screen.
    cell.inViewportChanged.connect(this._mark, this);
    this._mark();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    if (!this._cell.isDisposed) {
      this._cell.model.sharedModel.changed.disconnect(this._onEdit, this);
      this._cell.inViewportChanged.disconnect(this._mark, this);
    }
    const view = this._view();
    if (view) {
      void import('./cell-marks.js').then(({ clearMarks }) => clearMarks(view));
    }
  }

  private _view(): CodeMirrorEditor['editor'] | null {
    return this._cell.isDisposed ? null : ((this._cell.editor as CodeMirrorEditor | null)?.editor ?? null);
  }

  private _onEdit(_: unknown, change: { sourceChange?: unknown }): void {
    if (change.sourceChange !== undefined) {
      this.dispose();
    }
  }

  private _mark(): void {
    const view = this._view();
    if (view === null || view === this._marked) {
      return;
    }
    this._marked = view;
    void import('./cell-marks.js').then(({ markCell }) => {
      if (!this._isDisposed) {
        markCell(view, this._items);
      }
    });
  }

  private readonly _cell: Cell;
  private readonly _items: readonly DiagnosisItem[];
  private _marked: CodeMirrorEditor['editor'] | null = null;
  private _isDisposed = false;
}
