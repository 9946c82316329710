import type { Cell } from '@jupyterlab/cells';
import { NotebookActions, type Notebook, type NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { CellRecord, OutputsMessage } from 'kernel-gateway/protocol';
import type { NotebookOutputs } from './notebook-outputs.js';
import type { LabSession } from '../session/lab-session.js';
import { staleCells, type IRanCell, type StaleReason } from './stale-cells.js';

const STALE_CLASS = 'jp-mod-bpflabStale';
/** Marks follow typing after this pause. */
const PAUSE_MS = 150;

/** Where it is known from what ran: `outputs` is null under a server without a record. */
export interface IStaleMarksOptions {
  outputs: NotebookOutputs | null;
  session: LabSession;
  trans: TranslationBundle;
}

/**
 * Marks in the margin the cells whose outputs are out of date. What ran is told by the gateway's record; under another
 * server, where there is none, it is what this page has run.
 */
export class StaleMarks implements IDisposable {
  constructor(panel: NotebookPanel, { outputs, session, trans }: IStaleMarksOptions) {
    this._panel = panel;
    this._session = session;
    this._trans = trans;
    panel.disposed.connect(this.dispose, this);
    panel.content.modelContentChanged.connect(this._onChanged, this);
    if (outputs === null) {
      NotebookActions.executionScheduled.connect(this._onScheduled, this);
    } else {
      outputs.told.connect(this._onTold, this);
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    NotebookActions.executionScheduled.disconnect(this._onScheduled, this);
    window.clearTimeout(this._timer);
    Signal.clearData(this);
  }

  private _onTold(_: NotebookOutputs, message: OutputsMessage): void {
    if (message.type === 'cells') {
      this._ran.clear();
      message.cells.forEach(cell => this._setRan(cell));
    } else if (message.type === 'begin') {
      this._setRan(message.cell);
    } else if (message.type !== 'clear') {
      return;
    }
    this._onChanged();
  }

  private _setRan({ cell, source, order, changed_order: changedOrder }: CellRecord): void {
    this._ran.set(cell, { source, order, changedOrder });
  }

  private _onScheduled(_: unknown, { notebook, cell }: { notebook: Notebook; cell: Cell }): void {
    if (notebook === this._panel.content && cell.model.type === 'code' && this._session.isLab) {
      const source = cell.model.sharedModel.getSource();
      const before = this._ran.get(cell.model.id);
      const order = ++this._order;
      this._ran.set(cell.model.id, {
        source,
        order,
        changedOrder: before?.source === source ? before.changedOrder : order
      });
      this._onChanged();
    }
  }

  private _onChanged(): void {
    if (!this._isDisposed) {
      window.clearTimeout(this._timer);
      this._timer = window.setTimeout(() => this._mark(), PAUSE_MS);
    }
  }

  private _mark(): void {
    const cells = this._panel.content.widgets.filter(cell => cell.model.type === 'code');
    const stale = staleCells(
      this._ran,
      cells.map(({ model }): [string, string] => [model.id, model.sharedModel.getSource()])
    );
    for (const cell of cells) {
      const reason = stale.get(cell.model.id);
      const text = reason === undefined ? '' : this._text(reason);
      if ((cell.node.dataset['bpflabStale'] ?? '') !== text) {
        this._setMark(cell, text);
      }
    }
  }

  private _setMark(cell: Cell, text: string): void {
    cell.toggleClass(STALE_CLASS, text !== '');
    const prompt = cell.node.querySelector<HTMLElement>('.jp-InputPrompt');
    if (text === '') {
      delete cell.node.dataset['bpflabStale'];
      prompt?.removeAttribute('title');
    } else {
      cell.node.dataset['bpflabStale'] = text;
      prompt?.setAttribute('title', text);
    }
  }

  private _text(reason: StaleReason): string {
    return reason.kind === 'edited'
      ? this._trans.__('Edited since it ran')
      : this._trans.__('"%1" was changed since this cell ran', reason.header);
  }

  private readonly _panel: NotebookPanel;
  private readonly _session: LabSession;
  private readonly _trans: TranslationBundle;
  private readonly _ran = new Map<string, IRanCell>();
  private _order = 0;
  private _isDisposed = false;
  private _timer = 0;
}
