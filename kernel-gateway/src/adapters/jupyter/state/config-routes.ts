/** `/api/config/<section>`: small JSON objects that notebook front ends keep on the server. */
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LabError } from '../../../protocol/index.js';
import type { JupyterServerOptions } from '../server-options.js';
import { readTextIfThere, writeStateFile } from './atomic-file.js';

const objectSchema = z.record(z.string(), z.unknown());
type Section = z.infer<typeof objectSchema>;

/** Reads, replaces and merges sections. */
export function configRoutes(server: FastifyInstance, options: JupyterServerOptions): void {
  const url = `${options.baseUrl}api/config/:section`;
  const fileOf = (params: unknown): string => {
    const { section } = params as { section: string };
    if (!/^[\w-]{1,64}$/.test(section)) {
      throw new LabError('BPFLAB_REQUEST_INVALID', `"${section}" is no name of a config section.`);
    }
    return join(options.stateDir, 'config', `${section}.json`);
  };
  const read = async (path: string): Promise<Section> =>
    objectSchema.parse(JSON.parse((await readTextIfThere(path)) ?? '{}'));

  server.get(url, request => read(fileOf(request.params)));
  server.put(url, async (request, reply) => {
    await writeStateFile(fileOf(request.params), JSON.stringify(objectSchema.parse(request.body)));
    return reply.code(204).send();
  });
  server.patch(url, async request => {
    const path = fileOf(request.params);
    const merged = merge(await read(path), objectSchema.parse(request.body));
    await writeStateFile(path, JSON.stringify(merged));
    return merged;
  });
}

/** Recursive; null removes a key. */
function merge(old: Section, changes: Section): Section {
  const merged: Section = { ...old };
  for (const [key, value] of Object.entries(changes)) {
    const inner = objectSchema.safeParse(value);
    const before = objectSchema.safeParse(old[key]);
    if (value === null) delete merged[key];
    else if (inner.success) merged[key] = merge(before.success ? before.data : {}, inner.data);
    else merged[key] = value;
  }
  return merged;
}
