/** `/bpflab/api/outputs/<notebook>`: a socket that tells recorded outputs, and a route that clears them. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OUTPUTS_PATH } from '../../../protocol/index.js';
import type { JupyterServerOptions } from '../server-options.js';
import { AcknowledgedSocket } from '../kernels/acknowledged-socket.js';
import type { SocketRoute } from '../socket-routes.js';
import { OutputFeed } from './output-feed.js';
import type { OutputRecorder } from './output-recorder.js';

const clearBody = z.object({ cells: z.array(z.string()) });

/** `POST …/<notebook>` with `{ cells: [id, …] }`: the user cleared their outputs. */
export function outputRoutes(server: FastifyInstance, options: JupyterServerOptions, recorder: OutputRecorder): void {
  server.post(`${options.baseUrl}${OUTPUTS_PATH}/*`, async (request: FastifyRequest, reply) => {
    const path = (request.params as { '*': string })['*'];
    recorder.of(path).clear(clearBody.parse(request.body).cells);
    return reply.code(204).send();
  });
}

/** Tells everything that is recorded of a notebook, then every change. Followers may look. */
export function outputsSocketRoute(recorder: OutputRecorder): SocketRoute {
  return {
    pattern: new RegExp(`^${OUTPUTS_PATH}/(.+)$`),
    accept: ({ socket, params }) => {
      const feed = new OutputFeed(recorder.of(params[0]!), new AcknowledgedSocket(socket));
      socket.on('close', feed.end);
    }
  };
}
