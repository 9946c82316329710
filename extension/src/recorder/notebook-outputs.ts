import { CodeCell } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import { NotebookActions, type Notebook, type NotebookPanel } from '@jupyterlab/notebook';
import type { Cell } from '@jupyterlab/cells';
import { JSONExt, type JSONValue } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { CellRecord, OutputChange, OutputsMessage, RecordedOutput } from 'kernel-gateway/protocol';
import { clearRecorded, OutputFeed } from './output-feed.js';

const asOutput = (output: RecordedOutput): IOutput => output as unknown as IOutput;

/**
 * Shows in one notebook what the gateway records: outputs of cells that this page did not run itself, or ran before it was
 * reloaded. A cell that this page runs is drawn by JupyterLab, from the kernel's own messages.
 */
export class NotebookOutputs implements IDisposable {
  constructor(panel: NotebookPanel) {
    this._panel = panel;
    panel.disposed.connect(this.dispose, this);
    panel.context.pathChanged.connect(this._open, this);
    NotebookActions.outputCleared.connect(this._onCleared, this);
    panel.context.ready.then(
      () => this._open(),
      () => {
        // The notebook was not opened; the document manager says why.
      }
    );
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Emitted with what the gateway tells, after it is shown. */
  get told(): Signal<this, OutputsMessage> {
    return this._told;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    NotebookActions.outputCleared.disconnect(this._onCleared, this);
    this._feed?.dispose();
    Signal.clearData(this);
  }

  private _open(): void {
    this._feed?.dispose();
    if (this._isDisposed) {
      return;
    }
    this._connections = 0;
    this._feed = new OutputFeed(this._panel.context.localPath);
    this._feed.message.connect((_, message) => this._take(message));
  }

  private _take(message: OutputsMessage): void {
    switch (message.type) {
      case 'cells':
        this._connections++;
        message.cells.forEach(record => this._show(record));
        break;
      case 'begin':
        this._begin(message.cell);
        break;
      case 'change':
        this._change(message);
        break;
      case 'end':
        this._end(message);
        break;
      case 'clear':
        message.cells.forEach(id => this._clear(id));
        break;
    }
    this._told.emit(message);
  }

  /** The cell as it was recorded, unless this page draws it. */
  private _show(record: CellRecord): void {
    const cell = this._find(record.cell);
    if (cell === null) {
      return;
    }
    if (isOwn(cell, record.request)) {
      if (record.state === 'done' && this._connections > 1) {
        void this._settle(cell, record);
      }
      return;
    }
    this._apply(cell, record);
  }

  /**
   * The connection was lost: what the kernel still has for this page comes before its next answer, and what is gone is
   * taken from the record. All of it when the kernel itself is gone, because the server was started anew.
   */
  private async _settle(cell: CodeCell, record: CellRecord): Promise<void> {
    const { future } = cell.outputArea;
    let isDone = false;
    future.done.then(
      () => (isDone = true),
      () => undefined
    );
    const { sessionContext } = this._panel;
    await sessionContext.sessionManager.refreshRunning().catch(() => undefined);
    await sessionContext.session?.kernel?.requestKernelInfo().catch(() => undefined);
    const isLast = !cell.isDisposed && cell.outputArea.future === future;
    if (isLast && (future.isDisposed || !isDone)) {
      future.dispose();
      this._apply(cell, record);
    }
  }

  private _apply(cell: CodeCell, record: CellRecord): void {
    const { model } = cell;
    if (!JSONExt.deepEqual(model.outputs.toJSON(), record.outputs as unknown as JSONValue)) {
      model.outputs.fromJSON(record.outputs.map(asOutput));
    }
    if (model.executionCount !== record.execution_count) {
      model.executionCount = record.execution_count;
    }
    model.executionState = record.state === 'running' ? 'running' : 'idle';
  }

  private _begin(record: CellRecord): void {
    const cell = this._find(record.cell);
    if (cell === null || isOwn(cell, record.request)) {
      return;
    }
    // Of an earlier run by this page: its displays are not there any more.
    (cell.outputArea.future as typeof cell.outputArea.future | undefined)?.dispose();
    this._apply(cell, record);
  }

  private _change({ cell: id, request, change }: { cell: string; request: string; change: OutputChange }): void {
    const cell = this._find(id);
    if (cell === null || isOwn(cell, request)) {
      return;
    }
    const { outputs } = cell.model;
    if (change.kind === 'add') {
      // Not `add`, which would join it with a stream that stands before it.
      outputs.fromJSON([...outputs.toJSON(), asOutput(change.output)]);
    } else if (change.kind === 'set') {
      if (change.index < outputs.length) {
        outputs.set(change.index, asOutput(change.output));
      } else {
        this._feed?.restart();
      }
    } else {
      const text = outputs.get(outputs.length - 1)?.streamText;
      if (text === undefined) {
        this._feed?.restart();
      } else {
        text.insert(text.text.length, change.text);
      }
    }
  }

  private _end({ cell: id, request, execution_count }: Extract<OutputsMessage, { type: 'end' }>): void {
    const cell = this._find(id);
    if (cell !== null && !isOwn(cell, request)) {
      cell.model.executionCount = execution_count;
      cell.model.executionState = 'idle';
    }
  }

  private _clear(id: string): void {
    const cell = this._find(id);
    if (cell !== null && cell.model.outputs.length > 0) {
      cell.model.outputs.clear();
      cell.model.executionCount = null;
    }
  }

  /** The user cleared a cell in this page; several at once are told at once. */
  private _onCleared(_: unknown, { notebook, cell }: { notebook: Notebook; cell: Cell }): void {
    if (notebook !== this._panel.content) {
      return;
    }
    if (this._cleared.length === 0) {
      queueMicrotask(() => {
        const cells = this._cleared.splice(0);
        // When the server does not take it, its record holds, and is shown again.
        clearRecorded(this._panel.context.localPath, cells).catch(() => this._feed?.restart());
      });
    }
    this._cleared.push(cell.model.id);
  }

  private _find(id: string): CodeCell | null {
    const cell = this._panel.content.widgets.find(widget => widget.model.id === id);
    return cell instanceof CodeCell && !cell.isDisposed ? cell : null;
  }

  private readonly _panel: NotebookPanel;
  private _feed: OutputFeed | null = null;
  private _connections = 0;
  private readonly _cleared: string[] = [];
  private _isDisposed = false;
  private readonly _told = new Signal<this, OutputsMessage>(this);
}

/** Whether this page has sent that request and still listens to it. */
function isOwn(cell: CodeCell, request: string): boolean {
  const future = cell.outputArea.future as typeof cell.outputArea.future | undefined;
  return future !== undefined && !future.isDisposed && future.msg.header.msg_id === request;
}
