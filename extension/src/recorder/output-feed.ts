import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { OUTPUTS_PATH, type OutputsMessage } from 'kernel-gateway/protocol';

/** Waiting times after a lost connection: the last one is used again and again. */
const RETRY_MS = [100, 500, 2000, 5000];

const escapePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** What the gateway tells about the outputs of one notebook; connects again when the connection is lost. */
export class OutputFeed implements IDisposable {
  constructor(path: string) {
    this._path = path;
    this._connect();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Emitted with each message; each connection begins with `cells`. */
  get message(): Signal<this, OutputsMessage> {
    return this._message;
  }

  /** Begins anew with everything there is. */
  restart(): void {
    this._socket?.close();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    this._socket?.close();
    Signal.clearData(this);
  }

  private _connect(): void {
    const { WebSocket, wsUrl, token } = ServerConnection.makeSettings();
    const query = token === '' ? '' : `?token=${encodeURIComponent(token)}`;
    const socket = new WebSocket(URLExt.join(wsUrl, OUTPUTS_PATH, escapePath(this._path)) + query);
    this._socket = socket;
    socket.onmessage = event => {
      this._failures = 0;
      if (!this._isDisposed) {
        this._message.emit(JSON.parse(event.data as string) as OutputsMessage);
      }
    };
    socket.onclose = () => {
      if (!this._isDisposed) {
        const delayMs = RETRY_MS[Math.min(this._failures++, RETRY_MS.length - 1)];
        this._timer = window.setTimeout(() => this._connect(), delayMs);
      }
    };
  }

  private readonly _path: string;
  private _socket: WebSocket | null = null;
  private _timer = 0;
  private _failures = 0;
  private _isDisposed = false;
  private readonly _message = new Signal<this, OutputsMessage>(this);
}

/** Tells the gateway that the user has cleared the outputs of these cells. */
export async function clearRecorded(path: string, cells: string[]): Promise<void> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, OUTPUTS_PATH, escapePath(path));
  const response = await ServerConnection.makeRequest(
    url,
    { method: 'POST', body: JSON.stringify({ cells }) },
    settings
  );
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
}
