/** `/lab/api/workspaces`: layouts of the page, one file each, kept per notebook folder. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { JupyterServerOptions } from '../server-options.js';
import { readTextIfThere, writeStateFile } from './atomic-file.js';
import { notebookStateFolder } from './notebook-state-folder.js';

const workspaceSchema = z.object({
  data: z.record(z.string(), z.unknown()),
  metadata: z.looseObject({ id: z.string() })
});

/** Lists, reads, saves and removes workspaces. A workspace that was never saved is an empty one. */
export function workspaceRoutes(server: FastifyInstance, options: JupyterServerOptions): void {
  const url = `${options.baseUrl}lab/api/workspaces`;
  const folder = notebookStateFolder(options, 'workspaces');
  const idOf = (request: FastifyRequest): string => (request.params as { '*': string })['*'];
  // Encoded, so that an id with slashes or dots is a plain file name.
  const fileOf = (id: string): string => join(folder, `${Buffer.from(id).toString('base64url').slice(0, 200)}.json`);

  const list = async (): Promise<unknown> => {
    const names = await readdir(folder).catch(() => []);
    const all = await Promise.all(names.map(name => readWorkspace(join(folder, name))));
    const values = all.filter(workspace => workspace !== null);
    return { workspaces: { ids: values.map(({ metadata }) => metadata.id), values } };
  };
  server.get(url, list);
  server.get(`${url}/`, list);
  server.get(`${url}/*`, async request => {
    const id = idOf(request);
    return (await readWorkspace(fileOf(id))) ?? { data: {}, metadata: { id } };
  });
  server.put(`${url}/*`, async (request, reply) => {
    const { data, metadata } = workspaceSchema.parse(request.body);
    await writeStateFile(fileOf(idOf(request)), JSON.stringify({ data, metadata }));
    return reply.code(204).send();
  });
  server.delete(`${url}/*`, async (request, reply) => {
    await rm(fileOf(idOf(request)), { force: true });
    return reply.code(204).send();
  });
}

async function readWorkspace(path: string): Promise<z.infer<typeof workspaceSchema> | null> {
  const text = await readTextIfThere(path);
  if (text === null) return null;
  const parsed = workspaceSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return null;
  const { mtime, birthtime } = await stat(path);
  const metadata = { ...parsed.data.metadata, last_modified: mtime.toISOString(), created: birthtime.toISOString() };
  return { data: parsed.data.data, metadata };
}
