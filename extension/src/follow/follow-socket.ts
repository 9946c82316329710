import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { FOLLOW_PATH, type FollowedNotebook, type FollowMessage, type SharedNotebooks } from 'kernel-gateway/protocol';
import type { IRefusal } from '../session/refusal-in-language.js';

const RETRY_MS = 1000;
/** Close code of a server that shows the notebook no more. */
const NOT_SHARED = 1008;

/** The notebooks that are shown; with a command it is changed first. */
export async function sharedNotebooks(command?: { path: string; share: boolean }): Promise<SharedNotebooks['shared']> {
  const settings = ServerConnection.makeSettings();
  const init = command === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(command) };
  const response = await ServerConnection.makeRequest(URLExt.join(settings.baseUrl, FOLLOW_PATH), init, settings);
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return ((await response.json()) as SharedNotebooks).shared;
}

/** Takes the notebook of a link that somebody gave; its path, or why not. */
export async function forkShown(link: string): Promise<{ path: string } | IRefusal> {
  const settings = ServerConnection.makeSettings();
  const init = { method: 'POST', body: JSON.stringify({ link }) };
  const response = await ServerConnection.makeRequest(
    URLExt.join(settings.baseUrl, FOLLOW_PATH, 'fork'),
    init,
    settings
  );
  const answer = (await response.json()) as { path: string } | IRefusal;
  // Front ends that know no hint show the message, so it has both.
  return 'path' in answer ? answer : { ...answer, message: answer.message.replace(` ${answer.hint}`, '') };
}

/** What a page does with the socket of a notebook. */
export interface IFollowHandlers {
  /** The connection is there, for the first time or again. */
  onOpen?(): void;
  onMessage(message: FollowMessage): void;
  /** The notebook is shown no more; nothing comes after it. */
  onEnd(): void;
}

/** The socket of a notebook that is shown; connects again when the connection is lost. */
export class FollowSocket implements IDisposable {
  constructor(path: string, handlers: IFollowHandlers) {
    this._path = path;
    this._handlers = handlers;
    this._connect();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  send(message: FollowedNotebook): void {
    if (this._socket?.readyState === WebSocket.OPEN) {
      this._socket.send(JSON.stringify(message));
    }
  }

  dispose(): void {
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    this._socket?.close();
  }

  private _connect(): void {
    const { wsUrl, token } = ServerConnection.makeSettings();
    const query = token === '' ? '' : `?token=${encodeURIComponent(token)}`;
    const path = this._path.split('/').map(encodeURIComponent).join('/');
    const socket = new WebSocket(URLExt.join(wsUrl, FOLLOW_PATH, path) + query);
    this._socket = socket;
    socket.onopen = () => this._handlers.onOpen?.();
    socket.onmessage = ({ data }) => this._handlers.onMessage(JSON.parse(String(data)) as FollowMessage);
    socket.onclose = ({ code }) => {
      if (this._isDisposed) {
        return;
      }
      if (code === NOT_SHARED) {
        this.dispose();
        this._handlers.onEnd();
      } else {
        this._timer = window.setTimeout(() => this._connect(), RETRY_MS);
      }
    };
  }

  private readonly _path: string;
  private readonly _handlers: IFollowHandlers;
  private _socket: WebSocket | null = null;
  private _timer = 0;
  private _isDisposed = false;
}
