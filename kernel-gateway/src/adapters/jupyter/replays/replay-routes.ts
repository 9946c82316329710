/** `/bpflab/api/replays`: opening a recording as a notebook, and its player (protocol/replays.ts). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LabError, playerCommandSchema, REPLAYS_PATH } from '../../../protocol/index.js';
import type { KernelRegistry } from '../kernels/kernel-registry.js';
import type { JupyterServerOptions } from '../server-options.js';
import type { ReplayDesk } from './replay-desk.js';

const openBody = z.object({ path: z.string().min(1).max(4000) });

/** `POST …` with `{ path }` of a recording answers `{ path }` of its notebook; `GET` and `POST …/<kernel>`: its player. */
export function replayRoutes(
  server: FastifyInstance,
  { baseUrl }: JupyterServerOptions,
  { desk, registry }: { desk: ReplayDesk; registry: KernelRegistry }
): void {
  const url = `${baseUrl}${REPLAYS_PATH}`;
  const kernelOf = (params: unknown): string => (params as { kernel: string }).kernel;
  server.post(url, async request => ({ path: await desk.open(openBody.parse(request.body).path) }));
  server.get(`${url}/:kernel`, request => desk.state(registry, kernelOf(request.params)));
  server.post(`${url}/:kernel`, request => {
    const command = playerCommandSchema.safeParse(request.body);
    if (!command.success) {
      throw new LabError('BPFLAB_REQUEST_INVALID', 'The player was sent a command that it does not know.');
    }
    return desk.perform(registry, kernelOf(request.params), command.data);
  });
}
