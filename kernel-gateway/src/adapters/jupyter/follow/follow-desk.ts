import type { WebSocket } from 'ws';
import type { FollowMessage } from '../../../protocol/index.js';
import type { Shared } from '../access/follower-routes.js';
import type { SocketRequest } from '../socket-routes.js';
import { followedNotebook } from './followed-notebook.js';

/** A viewer that reads slower than this misses what is between; it gets the newest when it has read on. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Sockets of one notebook. */
const MAX_VIEWERS = 500;
const TRY_AGAIN = 1013;
const POLICY = 1008;

interface Show {
  newest: string | null;
  viewers: Set<WebSocket>;
  owners: Set<WebSocket>;
}

/** The notebooks that their owner shows to followers, and who watches. */
export class FollowDesk implements Shared {
  readonly #shows = new Map<string, Show>();
  #kernelsOf: (path: string) => string[] = () => [];

  /** Says which kernels a notebook has. */
  set kernelsOf(find: (path: string) => string[]) {
    this.#kernelsOf = find;
  }

  get paths(): string[] {
    return [...this.#shows.keys()];
  }

  hasNotebook(path: string): boolean {
    return this.#shows.has(path);
  }

  hasKernel(id: string): boolean {
    return this.paths.some(path => this.#kernelsOf(path).includes(id));
  }

  /** Shows a notebook from now on. */
  share(path: string): void {
    if (!this.#shows.has(path)) this.#shows.set(path, { newest: null, viewers: new Set(), owners: new Set() });
  }

  /** Shows it no more: those who watch are let go. */
  unshare(path: string): void {
    const show = this.#shows.get(path);
    this.#shows.delete(path);
    for (const socket of show?.viewers ?? []) socket.close(POLICY, 'The notebook is not shown any more.');
  }

  /** A page of the owner's or of a follower's. */
  connect({ socket, scope, params }: SocketRequest): void {
    const show = this.#shows.get(params[0]!);
    if (show === undefined) return socket.close(POLICY, 'The notebook is not shown.');
    const group = scope === 'owner' ? show.owners : show.viewers;
    if (group.size >= MAX_VIEWERS) return socket.close(TRY_AGAIN, 'Too many watch this notebook.');
    group.add(socket);
    socket.on('close', () => {
      group.delete(socket);
      this.#count(show);
    });
    if (show.newest !== null) socket.send(show.newest);
    this.#count(show);
    // What a follower says is not heard.
    if (scope === 'owner') socket.on('message', data => this.#take(show, socket, (data as Buffer).toString()));
  }

  #take(show: Show, from: WebSocket, text: string): void {
    const notebook = followedNotebook(text);
    if (notebook === null) return from.close(POLICY, 'This is no notebook.');
    show.newest = JSON.stringify(notebook);
    for (const socket of [...show.viewers, ...show.owners]) {
      if (socket !== from) tell(socket, show);
    }
  }

  #count(show: Show): void {
    const text = JSON.stringify({ type: 'viewers', count: show.viewers.size } satisfies FollowMessage);
    for (const socket of show.owners) socket.send(text);
  }
}

const behind = new WeakSet<WebSocket>();

/** Sends the newest; to one who reads slowly, once when he has read what waits. */
function tell(socket: WebSocket, show: Show): void {
  if (behind.has(socket)) return;
  if (socket.bufferedAmount <= MAX_WAITING_BYTES) {
    socket.send(show.newest ?? '');
    return;
  }
  behind.add(socket);
  // Called when everything before it has left.
  socket.ping('', false, () => {
    behind.delete(socket);
    if (socket.readyState === socket.OPEN) socket.send(show.newest ?? '');
  });
}
