/** `/api/kernels/<id>/channels`: a kernel's channels on one websocket, in both wire formats. */
import type { RawData, WebSocket } from 'ws';
import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import { SESSION_COMM, VIEW_COMM } from '../../../protocol/index.js';
import type { Scope } from '../access/authority.js';
import type { SocketRequest, SocketRoute } from '../socket-routes.js';
import { AcknowledgedSocket } from './acknowledged-socket.js';
import type { ClientOutbox, MessageSocket } from './client-outbox.js';
import type { GatewayKernel } from './gateway-kernel.js';
import type { KernelRegistry } from './kernel-registry.js';
import { decodeJson, encodeJson } from './wire-json.js';
import { decodeV1, encodeV1, WIRE_V1 } from './wire-v1.js';

/** A page that was left does not come back under its session id; a reload gets a new one. */
const LEFT_PAGE_RETENTION_MS = 5_000;
/** A kernel whose front end is a process with `lease=1` ends when that is away for this long: nobody else would end it. */
const LEASE_MS = 10_000;
const GOING_AWAY = 1001;
const INVALID_PAYLOAD = 1007;

/** The route; followers may look at views and ask what the kernel is, never run anything. */
export function channelsRoute(registry: KernelRegistry): SocketRoute {
  return {
    pattern: /^api\/kernels\/([^/]+)\/channels$/,
    knows: params => isThere(registry, params[0]!),
    accept: request => {
      const kernel = registry.kernel(request.params[0]!);
      connect(kernel, request);
      if (request.query.get('lease') === '1' && request.scope === 'owner') endWhenAway(registry, kernel, request);
    }
  };
}

const isThere = (registry: KernelRegistry, id: string): boolean => registry.kernels.some(model => model.id === id);

function connect(kernel: GatewayKernel, { socket, scope, query }: SocketRequest): void {
  // Followers hear the ids of others' sessions; they must not be able to take their place.
  const sessionId = `${scope === 'owner' ? '' : 'follower '}${query.get('session_id') ?? crypto.randomUUID()}`;
  const client = kernel.client(sessionId);
  const wire = socket.protocol === WIRE_V1 ? { encode: encodeV1 } : { encode: encodeJson };
  const acknowledged = new AcknowledgedSocket(socket);
  const messages: MessageSocket = {
    get bufferedBytes() {
      return acknowledged.bufferedBytes;
    },
    send: (message, sent) => acknowledged.send(wire.encode(message), sent),
    close: () => socket.close(1000)
  };
  client.attach(messages);
  const connection: Connection = { client, socket, scope, views: new Set() };
  socket.on('message', (data, isBinary) => receive(kernel, connection, decode(socket, data, isBinary)));
  socket.on('close', code => {
    client.detach(messages);
    kernel.release(sessionId, code === GOING_AWAY ? LEFT_PAGE_RETENTION_MS : undefined);
  });
}

function endWhenAway(registry: KernelRegistry, kernel: GatewayKernel, { socket }: SocketRequest): void {
  socket.on('close', () => {
    setTimeout(() => {
      if (kernel.model.connections === 0 && isThere(registry, kernel.id)) void registry.end(kernel.id);
    }, LEASE_MS).unref();
  });
}

interface Connection {
  client: ClientOutbox;
  socket: WebSocket;
  scope: Scope;
  /** Comms of views that a follower has opened. */
  views: Set<string>;
}

function receive(kernel: GatewayKernel, connection: Connection, message: JupyterMessage | string): void {
  const { client, socket, scope, views } = connection;
  if (typeof message === 'string') socket.close(INVALID_PAYLOAD, message);
  else if (scope === 'owner' || isLooking(message, views)) kernel.handle(message, client);
}

/**
 * Messages that change nothing. A comm is opened for a view, whose later messages just move the window, or to hear how the
 * session stands, on which nothing can be said.
 */
function isLooking({ header, content }: JupyterMessage, views: Set<string>): boolean {
  const comm = String(content['comm_id']);
  if (header.msg_type === 'comm_open' && content['target_name'] === VIEW_COMM) views.add(comm);
  if (header.msg_type === 'comm_open') return [VIEW_COMM, SESSION_COMM].includes(String(content['target_name']));
  if (header.msg_type === 'comm_msg') return views.has(comm);
  return ['kernel_info_request', 'comm_info_request', 'comm_close'].includes(header.msg_type);
}

/** The message, or one sentence why it is none (at most 123 bytes, as a close reason must be). */
function decode(socket: WebSocket, data: RawData, isBinary: boolean): JupyterMessage | string {
  try {
    const bytes = toBytes(data);
    if (socket.protocol === WIRE_V1) return decodeV1(bytes);
    return decodeJson(isBinary ? bytes : new TextDecoder().decode(bytes));
  } catch (error) {
    return (error as Error).message.slice(0, 100);
  }
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
