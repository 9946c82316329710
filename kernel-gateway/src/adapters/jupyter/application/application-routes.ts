/** Pages and files of the JupyterLab application. */
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LabError } from '../../../protocol/index.js';
import type { JupyterServerOptions } from '../server-options.js';
import {
  findLabextensions,
  readApplicationBuild,
  type ApplicationBuild,
  type Labextension
} from './application-build.js';
import { pageConfig, renderPage, type PageOptions } from './page-config.js';

/** A name with a content hash never changes its content. */
const HASHED_NAME = /\.[0-9a-f]{16,}\.\w+(\.gz)?$/;

/** Serves `/lab…`, `/doc…`, static files, themes and labextensions. */
export async function applicationRoutes(server: FastifyInstance, options: JupyterServerOptions): Promise<void> {
  let build = await readApplicationBuild(options.applicationDir);
  const extensions = await findLabextensions(options.labextensionDirs);
  const { baseUrl } = options;

  await server.register(fastifyStatic, {
    root: join(build.folder, 'static'),
    prefix: `${baseUrl}static/lab/`,
    preCompressed: true,
    cacheControl: false,
    decorateReply: true,
    setHeaders: (reply, path) => {
      reply.header('cache-control', HASHED_NAME.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
    }
  });
  server.get(`${baseUrl}favicon.ico`, { config: { isPublic: true } }, (_request, reply) =>
    reply.sendFile('favicon.svg', join(build.folder, 'static'))
  );

  pageRoutes(server, baseUrl, async page => {
    // Read anew, so that a rebuilt application is served without a restart.
    build = await readApplicationBuild(options.applicationDir);
    return renderPage(build.template, `${baseUrl}static/lab`, pageConfig(options, build, extensions, page));
  });
  themeAndExtensionRoutes(server, baseUrl, () => build, extensions);
}

type RenderPage = (page: PageOptions) => Promise<string>;

function pageRoutes(server: FastifyInstance, baseUrl: string, render: RenderPage): void {
  const addPage = (path: string, mode: PageOptions['mode']): void => {
    server.get(`${baseUrl}${path}`, { config: { isPage: true } }, async (request, reply) => {
      const { workspace = 'default', '*': treePath = '' } = request.params as { workspace?: string; '*'?: string };
      const isFollower = request.scope === 'follower';
      const html = await render({
        mode,
        workspace: isFollower ? 'follower' : workspace,
        treePath,
        exposeAppInBrowser: isExposed(request),
        isFollower
      });
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
    });
  };
  for (const path of ['lab', 'lab/', 'lab/tree/*', 'lab/workspaces/:workspace', 'lab/workspaces/:workspace/tree/*']) {
    addPage(path, 'multiple-document');
  }
  for (const path of ['doc', 'doc/', 'doc/tree/*', 'doc/workspaces/:workspace', 'doc/workspaces/:workspace/tree/*']) {
    addPage(path, 'single-document');
  }
  server.get(baseUrl, { config: { isPage: true } }, (_request, reply) => reply.redirect(`${baseUrl}lab`));
}

function themeAndExtensionRoutes(
  server: FastifyInstance,
  baseUrl: string,
  build: () => ApplicationBuild,
  extensions: Labextension[]
): void {
  server.get(`${baseUrl}lab/api/themes/*`, (request, reply) =>
    reply.header('cache-control', 'no-cache').sendFile(wildcard(request), join(build().folder, 'themes'))
  );
  server.get(`${baseUrl}lab/extensions/*`, (request, reply) => {
    const path = wildcard(request);
    const extension = extensions.find(({ name }) => path.startsWith(`${name}/`));
    if (!extension) throw new LabError('BPFLAB_REQUEST_UNKNOWN', `There is no labextension at "${path}".`);
    return reply.sendFile(path.slice(extension.name.length + 1), extension.folder);
  });
}

const wildcard = (request: FastifyRequest): string => (request.params as { '*': string })['*'];

const isExposed = (request: FastifyRequest): boolean =>
  (request.query as Record<string, string | undefined>)['expose'] === '1';
