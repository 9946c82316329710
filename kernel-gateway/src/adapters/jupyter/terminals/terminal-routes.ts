/** `/api/terminals` and the terminado JSON protocol on `/terminals/websocket/<name>`. */
import { relative } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { parseJson } from '../../../core/decode/parse-json.js';
import type { ContentsRoot } from '../contents/contents-root.js';
import type { KernelRegistry } from '../kernels/kernel-registry.js';
import type { LabServices } from '../lab-services.js';
import type { JupyterServerOptions } from '../server-options.js';
import type { SocketRoute } from '../socket-routes.js';
import { terminalPlace } from './terminal-place.js';
import type { OpenShell, Terminal, TerminalRegistry } from './terminal-registry.js';

/** Terminals with this name, or this and a dash in front of a kernel's id, run in a target. */
const TARGET = 'target';
/** Bytes that may wait in a socket; output beyond is dropped, and said: a screen shows the newest anyway. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

const startBody = z
  .object({
    name: z
      .string()
      .regex(/^[\w-][\w.-]{0,399}$/)
      .nullish(),
    cwd: z.string().nullish()
  })
  .nullish();
const clientMessage = z.union([
  z.tuple([z.literal('stdin'), z.string()]),
  z.tuple([z.literal('set_size'), z.number().int().positive(), z.number().int().positive()]).rest(z.unknown())
]);

/**
 * By name: `target…` is a shell in a target (`target-<kernel id>`: of that kernel's session), `pod.…` and `node.…` are shells in a
 * container of the cluster, others in the sandbox.
 */
export function shellOpener(lab: LabServices, kernels: KernelRegistry): OpenShell {
  return ({ name, cwd, size }) => {
    if (name === TARGET) return lab.openTargetShell({ session: null, size });
    if (name.startsWith(`${TARGET}-`)) {
      const { session } = kernels.kernel(name.slice(TARGET.length + 1));
      return lab.openTargetShell({ session, size });
    }
    const place = terminalPlace(name);
    if (place) return lab.openPodShell({ place, size });
    return lab.openSandboxShell({ cwd, size });
  };
}

/** Adds the REST routes. `cwd` of a new terminal is a folder of the contents API. */
export function terminalRoutes(
  server: FastifyInstance,
  options: JupyterServerOptions,
  terminals: TerminalRegistry,
  root: ContentsRoot
): void {
  const url = `${options.baseUrl}api/terminals`;
  const nameOf = (request: FastifyRequest): string => (request.params as { name: string }).name;
  server.get(url, () => terminals.models);
  server.post(url, async request => {
    const body = startBody.parse(request.body);
    const { absolute } = await root.existing(body?.cwd ?? '');
    return (await terminals.start(body?.name ?? null, relative(root.folder, absolute))).model;
  });
  server.get(`${url}/:name`, request => terminals.get(nameOf(request)).model);
  server.delete(`${url}/:name`, async (request, reply) => {
    terminals.get(nameOf(request)).kill();
    return reply.code(204).send();
  });
}

/** The socket route; followers get no terminal. */
export function terminalSocketRoute(terminals: TerminalRegistry): SocketRoute {
  return {
    pattern: /^terminals\/websocket\/([^/]+)$/,
    knows: (params, scope) => scope === 'owner' && terminals.find(params[0]!) !== null,
    accept: ({ socket, params }) => connect(terminals.get(params[0]!), socket)
  };
}

function connect(terminal: Terminal, socket: WebSocket): void {
  let isDropping = false;
  const send = (...message: unknown[]): void => socket.send(JSON.stringify(message));
  send('setup', {});
  const stop = terminal.view({
    output: text => {
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) isDropping = true;
      else {
        if (isDropping) send('stdout', '\r\n[output was left out: this page was too slow]\r\n');
        isDropping = false;
        send('stdout', text);
      }
    },
    ended: () => {
      send('disconnect', 1);
      socket.close(1000);
    }
  });
  socket.on('message', data => receive(terminal, data));
  socket.on('close', stop);
}

function receive(terminal: Terminal, data: RawData): void {
  const message = clientMessage.safeParse(parseJson((data as Buffer).toString('utf8')));
  if (!message.success) return;
  if (message.data[0] === 'stdin') terminal.write(message.data[1]);
  else terminal.resize({ rows: message.data[1], cols: message.data[2] });
}
