/** Websockets of the server by path; the gate of AccessControl is in front of all. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { AccessControl } from './access/access-control.js';
import type { Scope } from './access/authority.js';
import { WIRE_V1 } from './kernels/wire-v1.js';

/** Longest message that a client may send: a notebook cell with its buffers. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** Sockets that do not answer a ping within this time are dead. */
const PING_MS = 30_000;

/** A connected socket and what was asked for. */
export interface SocketRequest {
  socket: WebSocket;
  scope: Scope;
  /** Matches of the route's pattern, decoded. */
  params: string[];
  query: URLSearchParams;
}

/** A path below the base URL, and who answers there. */
export interface SocketRoute {
  pattern: RegExp;
  /** Whether there is what the path names; an upgrade to what is not there is answered 404. Without it there always is. */
  knows?(params: string[], scope: Scope): boolean;
  accept(request: SocketRequest): void;
}

/** Answers upgrades of `http`; the returned function closes all sockets and ends. */
export function serveSockets(http: Server, baseUrl: string, access: AccessControl, routes: SocketRoute[]): () => void {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: offered => (offered.has(WIRE_V1) ? WIRE_V1 : false)
  });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const url = parseUrl(request);
    const scope = access.scopeOfUpgrade(request);
    const found = url?.pathname.startsWith(baseUrl) ? findRoute(routes, url.pathname.slice(baseUrl.length)) : null;
    if (!url) refuse(socket, '400 Bad Request');
    else if (scope === null || scope === 'metrics') refuse(socket, '403 Forbidden');
    else if (!found || found.route.knows?.(found.params, scope) === false) refuse(socket, '404 Not Found');
    else {
      server.handleUpgrade(request, socket, head, webSocket => {
        keepAlive(webSocket);
        found.route.accept({ socket: webSocket, scope, params: found.params, query: url.searchParams });
      });
    }
  };
  http.on('upgrade', onUpgrade);
  return () => {
    http.off('upgrade', onUpgrade);
    for (const socket of server.clients) socket.close(1001, 'The server ends.');
    server.close();
  };
}

function parseUrl(request: IncomingMessage): URL | null {
  const path = request.url ?? '/';
  return URL.canParse(path, 'http://x') && isDecodable(path) ? new URL(path, 'http://x') : null;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function findRoute(routes: SocketRoute[], path: string): { route: SocketRoute; params: string[] } | null {
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (match) return { route, params: match.slice(1).map(decodeURIComponent) };
  }
  return null;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function keepAlive(socket: WebSocket): void {
  let isAlive = true;
  socket.on('pong', () => (isAlive = true));
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_MS);
  timer.unref();
  socket.on('close', () => clearInterval(timer));
  // An error is followed by close, where everybody cleans up.
  socket.on('error', () => socket.terminate());
}
