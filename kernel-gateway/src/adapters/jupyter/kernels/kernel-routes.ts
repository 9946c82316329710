/** `/api/kernelspecs`, `/api/kernels`, `/api/sessions`: also what `jupyter lab --gateway-url` uses. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { languageInfo } from '../../../core/kernel/kernel-info.js';
import { LabError } from '../../../protocol/index.js';
import type { JupyterServerOptions } from '../server-options.js';
import type { Shared } from '../access/follower-routes.js';
import { KERNEL_NAME, type KernelRegistry, type SessionModel } from './kernel-registry.js';

const kernelBody = z.object({ name: z.string().nullish(), path: z.string().nullish() }).nullish();
const kernelWish = z.object({ id: z.string().nullish(), name: z.string().nullish() }).nullish();
const sessionBody = z.object({
  path: z.string(),
  name: z.string().nullish(),
  type: z.string().nullish(),
  kernel: kernelWish
});

/** Adds the routes of kernels; they end with the registry, which the server closes. */
export function kernelRoutes(
  server: FastifyInstance,
  options: JupyterServerOptions,
  { registry, shared }: { registry: KernelRegistry; shared: Shared }
): void {
  specRoutes(server, options);
  const url = `${options.baseUrl}api/kernels`;
  server.get(url, ({ scope }) => registry.kernels.filter(({ id }) => scope === 'owner' || shared.hasKernel(id)));
  server.post(url, async (request, reply) => {
    const body = kernelBody.parse(request.body);
    const { model } = await registry.start(body?.name ?? '', body?.path ?? '');
    return reply.code(201).header('location', `${url}/${model.id}`).send(model);
  });
  server.get(`${url}/:id`, request => registry.kernel(idOf(request)).model);
  server.delete(`${url}/:id`, async (request, reply) => {
    await registry.end(idOf(request));
    return reply.code(204).send();
  });
  server.post(`${url}/:id/interrupt`, (request, reply) => {
    registry.kernel(idOf(request)).interrupt();
    return reply.code(204).send();
  });
  server.post(`${url}/:id/restart`, async request => {
    const kernel = registry.kernel(idOf(request));
    await kernel.restart();
    return kernel.model;
  });
  const visible = ({ scope }: FastifyRequest): SessionModel[] =>
    registry.sessions.filter(({ path }) => scope === 'owner' || shared.hasNotebook(path));
  server.get(`${options.baseUrl}api/sessions`, visible);
  sessionRoutes(server, `${options.baseUrl}api/sessions`, registry);
}

function specRoutes(server: FastifyInstance, { baseUrl, applicationDir }: JupyterServerOptions): void {
  const resources = { 'logo-svg': `${baseUrl}kernelspecs/${KERNEL_NAME}/logo-svg.svg` };
  const spec = {
    // The kernel lives in this server: there is nothing to start.
    argv: [],
    display_name: 'eBPF (C)',
    language: languageInfo.name,
    interrupt_mode: 'message',
    env: {},
    metadata: { debugger: false }
  };
  const model = { name: KERNEL_NAME, spec, resources };
  server.get(`${baseUrl}api/kernelspecs`, () => ({ default: KERNEL_NAME, kernelspecs: { [KERNEL_NAME]: model } }));
  server.get(`${baseUrl}api/kernelspecs/:name`, request => {
    const { name } = request.params as { name: string };
    if (name !== KERNEL_NAME) throw new LabError('BPFLAB_REQUEST_UNKNOWN', `There is no kernelspec "${name}".`);
    return model;
  });
  server.get(`${baseUrl}kernelspecs/${KERNEL_NAME}/logo-svg.svg`, async (_request, reply) => {
    const logo = await readFile(join(applicationDir, 'static/favicon.svg'));
    return reply.type('image/svg+xml').header('cache-control', 'max-age=3600').send(logo);
  });
}

function sessionRoutes(server: FastifyInstance, url: string, registry: KernelRegistry): void {
  server.post(url, async (request, reply: FastifyReply) => {
    const body = sessionBody.parse(request.body);
    const wish = {
      path: body.path,
      name: body.name ?? body.path.split('/').at(-1)!,
      type: body.type ?? 'notebook',
      kernelId: body.kernel?.id ?? undefined
    };
    const model = await registry.openSession(wish, body.kernel?.name ?? '');
    return reply.code(201).header('location', `${url}/${model.id}`).send(model);
  });
  server.get(`${url}/:id`, request => registry.session(idOf(request)));
  server.patch(`${url}/:id`, request => {
    const { path, name, type, kernel } = sessionBody.partial().parse(request.body);
    const wish = Object.fromEntries(
      Object.entries({ path, name, type, kernelId: kernel?.id }).filter(([, value]) => typeof value === 'string')
    );
    return registry.changeSession(idOf(request), wish, kernel?.name ?? undefined);
  });
  server.delete(`${url}/:id`, async (request, reply) => {
    await registry.endSession(idOf(request));
    return reply.code(204).send();
  });
}

const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id;
