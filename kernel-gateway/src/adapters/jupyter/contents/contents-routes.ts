/** `/api/contents` and `/files`: the notebook folder over HTTP. */
import { relative } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { JupyterServerOptions } from '../server-options.js';
import type { ContentsModel, ContentsWish } from './contents-model.js';
import type { RecordedContents } from '../recorder/recorded-contents.js';
import type { SaveRequest } from './contents-store.js';
import { mediaType } from './media-type.js';

const typeSchema = z.enum(['notebook', 'file', 'directory']);
const saveBody = z.object({
  type: typeSchema.default('file'),
  format: z.enum(['json', 'text', 'base64']).nullish(),
  content: z.unknown(),
  chunk: z.number().int().optional()
});
const createBody = z
  .object({
    type: typeSchema.default('file'),
    ext: z
      .string()
      .regex(/^\.?[\w.+-]*$/)
      .default('.txt'),
    copy_from: z.string().optional()
  })
  .nullish();

/** Largest body of a save: JupyterLab sends larger files in parts of 1 MiB. */
const MAX_BODY_BYTES = 512 * 1024 * 1024;
const CHECKPOINTS = /^(.*?)\/checkpoints(?:\/([^/]+))?$/;

type Query = Record<string, string | undefined>;

/** Adds the routes. `/files` serves bytes as they are, sandboxed: an HTML file there is no page of ours. */
export function contentsRoutes(server: FastifyInstance, options: JupyterServerOptions, store: RecordedContents): void {
  const url = `${options.baseUrl}api/contents`;
  readRoutes(server, url, store);
  checkpointAndCreateRoutes(server, url, store);
  server.put(`${url}/*`, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const body = saveBody.parse(request.body);
    const save: SaveRequest = { ...body, content: body.content, format: body.format ?? null, chunk: body.chunk };
    return reply.code(200).send(await store.save(pathOf(request), save));
  });
  server.patch(`${url}/*`, request =>
    store.move(pathOf(request), z.object({ path: z.string() }).parse(request.body).path)
  );
  server.delete(`${url}/*`, async (request, reply) => {
    const match = CHECKPOINTS.exec(pathOf(request));
    if (match?.[2]) await store.removeCheckpoint(match[1]!, match[2]);
    else await store.remove(pathOf(request));
    return reply.code(204).send();
  });
  fileRoute(server, `${options.baseUrl}files/*`, store);
}

function readRoutes(server: FastifyInstance, url: string, store: RecordedContents): void {
  server.get(url, request => store.read('', wishOf(request)));
  server.get(`${url}/*`, async request => {
    const path = pathOf(request);
    const match = CHECKPOINTS.exec(path);
    return match && !match[2]
      ? store.checkpoints(match[1]!)
      : readFor(request, await store.read(path, wishOf(request)));
  });
}

/** A follower's page must not offer to save. */
const readFor = ({ scope }: FastifyRequest, model: ContentsModel): ContentsModel =>
  scope === 'owner' ? model : { ...model, writable: false };

function checkpointAndCreateRoutes(server: FastifyInstance, url: string, store: RecordedContents): void {
  const post = async (path: string, body: unknown): Promise<{ code: number; model: unknown }> => {
    const match = CHECKPOINTS.exec(path);
    if (match?.[2]) return { code: 204, model: await store.restore(match[1]!, match[2]) };
    if (match) return { code: 201, model: await store.checkpoint(match[1]!) };
    const { type = 'file', ext = '.txt', copy_from } = createBody.parse(body) ?? {};
    if (copy_from !== undefined) return { code: 201, model: await store.copy(copy_from, path) };
    return { code: 201, model: await store.create(path, type, ext.startsWith('.') || ext === '' ? ext : `.${ext}`) };
  };
  for (const route of [url, `${url}/*`]) {
    server.post(route, async (request, reply) => {
      const { code, model } = await post(pathOf(request), request.body);
      return reply.code(code).send(model);
    });
  }
}

function fileRoute(server: FastifyInstance, url: string, store: RecordedContents): void {
  server.get(url, async (request, reply) => {
    const { absolute, name } = await store.root.existing(pathOf(request));
    await store.settle(pathOf(request));
    const isDownload = (request.query as Query)['download'] !== undefined;
    reply.header('content-security-policy', 'sandbox').header('cache-control', 'no-cache');
    reply.type(mediaType(name) ?? 'application/octet-stream');
    if (isDownload) reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`);
    return reply.sendFile(relative(store.root.folder, absolute), store.root.folder);
  });
}

const pathOf = (request: FastifyRequest): string => (request.params as { '*'?: string })['*'] ?? '';

function wishOf(request: FastifyRequest): ContentsWish {
  const { content, hash, type, format } = request.query as Query;
  return { content: content !== '0', hash: hash === '1', type, format };
}
