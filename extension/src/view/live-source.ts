import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { VIEW_COMM, type WindowMessage, type WindowRequest } from 'kernel-gateway/protocol';
import { keepOpen } from '../session/keep-open.js';
import { decodeWindow } from './column-buffers.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';

const isSame = (a: WindowRequest, b: WindowRequest): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Windows of a store in a living session, over a comm of its own. */
export class LiveSource implements IRowSource {
  /**
   * Opens the comm.
   *
   * @param kernel - connection that the comm lives on; the client drops the comm when the kernel restarts
   * @param view - id of the view
   * @param request - what to show at first
   */
  constructor(kernel: Kernel.IKernelConnection, view: string, request: WindowRequest) {
    this._request = request;
    this._comm = kernel.createComm(VIEW_COMM);
    this._comm.onMsg = message => this._onMessage(message);
    this._comm.onClose = () => this._onClosed();
    this._kept = keepOpen(kernel, this._comm, {
      data: () => ({ view, window: this._request as unknown as JSONObject })
    });
  }

  get isLive(): boolean {
    return true;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get window(): IRowWindow | null {
    return this._window;
  }

  get changed(): Signal<this, IRowWindow> {
    return this._changed;
  }

  /** Emitted once when the session closes the view: it does not know it (any more). */
  get closed(): Signal<this, void> {
    return this._closed;
  }

  request(request: WindowRequest): void {
    if (!this._isDisposed && !isSame(request, this._request)) {
      this._request = request;
      this._comm.send(request as unknown as JSONObject);
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._kept.dispose();
    if (!this._comm.isDisposed) {
      this._comm.close();
    }
    Signal.clearData(this);
  }

  private _onMessage(message: KernelMessage.ICommMsgMsg): void {
    const content = message.content.data as unknown as WindowMessage;
    if (this._isDisposed || content.type !== 'window') {
      return;
    }
    this._window = decodeWindow(content, message.buffers ?? []);
    this._changed.emit(this._window);
  }

  private _onClosed(): void {
    this._kept.dispose();
    if (!this._isDisposed) {
      this._closed.emit();
    }
  }

  private _request: WindowRequest;
  private _window: IRowWindow | null = null;
  private _isDisposed = false;
  private readonly _comm: Kernel.IComm;
  private readonly _kept: IDisposable;
  private readonly _changed = new Signal<this, IRowWindow>(this);
  private readonly _closed = new Signal<this, void>(this);
}
