/**
 * The HTTP and websocket server: JupyterLab's application, Jupyter's REST and kernel channels, our own API.
 * Everything is below `baseUrl`; every route and socket goes through AccessControl.
 */
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { LabError } from '../../protocol/index.js';
import { TeamDesk } from '../team/team-desk.js';
import { AccessControl } from './access/access-control.js';
import { applicationRoutes } from './application/application-routes.js';
import { ContentsRoot } from './contents/contents-root.js';
import { contentsRoutes } from './contents/contents-routes.js';
import { versionRoutes } from './contents/version-routes.js';
import { FollowDesk } from './follow/follow-desk.js';
import { followRoutes, followSocketRoute } from './follow/follow-routes.js';
import { installFailureReplies } from './http-failure.js';
import { channelsRoute } from './kernels/channels-socket.js';
import { exportRoutes } from './kernels/export-routes.js';
import { KernelRegistry, type SessionOpener } from './kernels/kernel-registry.js';
import { kernelRoutes } from './kernels/kernel-routes.js';
import type { LabServices } from './lab-services.js';
import { labRoutes } from './labs/lab-routes.js';
import { setAsideLab } from './labs/set-aside-lab.js';
import { lessonRoutes } from './lessons/lesson-routes.js';
import { OutputRecorder } from './recorder/output-recorder.js';
import { outputRoutes, outputsSocketRoute } from './recorder/output-routes.js';
import { RecordedContents } from './recorder/recorded-contents.js';
import { ReplayDesk } from './replays/replay-desk.js';
import { replayRoutes } from './replays/replay-routes.js';
import type { JupyterServerOptions } from './server-options.js';
import { serveSockets, type SocketRoute } from './socket-routes.js';
import { configRoutes } from './state/config-routes.js';
import { notebookStateFolder } from './state/notebook-state-folder.js';
import { settingsRoutes } from './state/settings-routes.js';
import { translationRoutes } from './state/translation-routes.js';
import { workspaceRoutes } from './state/workspace-routes.js';
import { statusRoutes } from './status-routes.js';
import { teamRoutes } from './team-routes.js';
import { TerminalRegistry } from './terminals/terminal-registry.js';
import { shellOpener, terminalRoutes, terminalSocketRoute } from './terminals/terminal-routes.js';

/** A server that listens. */
export interface JupyterServer {
  port: number;
  /** Address of the application with the owner's token. */
  url: string;
  /** Ends sockets, terminals and kernels; resolves when nothing is left. */
  close(): Promise<void>;
}

/** Largest JSON body except saves of files. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

const IDLE_CHECK_MS = 1000;

const noSchema = (): never => {
  throw new Error('a route has a schema, and zod is what checks here');
};

/** Without these, Fastify reads its compilers of JSON schemas at start and keeps them: 250 files, 3 MB. */
const noSchemas = { buildValidator: noSchema, buildSerializer: noSchema };

/** `/api/events/subscribe`: JupyterLab holds it open; this server has no events to tell. */
const eventsRoute: SocketRoute = { pattern: /^api\/events\/subscribe$/, accept: () => undefined };

/**
 * Starts the server.
 *
 * @throws LabError BPFLAB_APPLICATION_MISSING, BPFLAB_SERVER_LISTEN
 */
export async function startJupyterServer(options: JupyterServerOptions): Promise<JupyterServer> {
  const server = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    schemaController: { compilersFactory: noSchemas },
    routerOptions: { maxParamLength: 4096 }
  });
  const follow = new FollowDesk();
  const access = new AccessControl(options, follow);
  const recorder = new OutputRecorder(notebookStateFolder(options, 'outputs'));
  const store = new RecordedContents(await ContentsRoot.at(options.notebookDir), recorder);
  const team: TeamDesk = new TeamDesk(options.notebookDir, (lab, day) => setAsideLab({ store, registry }, lab, day));
  const replays = new ReplayDesk({ store, recorder });
  const registry: KernelRegistry = new KernelRegistry(openedFor(options.lab, team, replays), options.version, recorder);
  follow.kernelsOf = path => registry.sessions.filter(one => one.path === path).map(({ kernel }) => kernel.id);
  const terminals = new TerminalRegistry(shellOpener(options.lab, registry));

  readBodiesAsJson(server);
  installFailureReplies(server);
  access.install(server);
  await applicationRoutes(server, options);
  await settingsRoutes(server, options);
  workspaceRoutes(server, options);
  translationRoutes(server, options);
  configRoutes(server, options);
  contentsRoutes(server, options, store);
  versionRoutes(server, options, store.root);
  kernelRoutes(server, options, { registry, shared: follow });
  exportRoutes(server, options, registry);
  terminalRoutes(server, options, terminals, store.root);
  outputRoutes(server, options, recorder);
  labRoutes(server, options, store);
  lessonRoutes(server, options, store.root);
  statusRoutes(server, options, registry);
  teamRoutes(server, options, team);
  followRoutes(server, options, { desk: follow, store });
  replayRoutes(server, options, { desk: replays, registry });

  await listen(server, options);
  const { port } = server.server.address() as AddressInfo;
  access.authority.cookieName = `bpflab-${port}`;
  const routes = [
    channelsRoute(registry),
    terminalSocketRoute(terminals),
    outputsSocketRoute(recorder),
    followSocketRoute(follow),
    eventsRoute
  ];
  const closeSockets = serveSockets(server.server, options.baseUrl, access, routes);
  const stopWatching = endWhenIdle(options, registry);
  return {
    port,
    url: `http://${urlHost(options.ip)}:${port}${options.baseUrl}lab?token=${options.token}`,
    close: async () => {
      stopWatching();
      closeSockets();
      terminals.closeAll();
      await registry.closeAll();
      replays.closeAll();
      await recorder.close();
      await server.close();
    }
  };
}

/** Opens sessions, those of recordings with what they play; the team hears of their labs. */
function openedFor(lab: LabServices, team: TeamDesk, replays: ReplayDesk): SessionOpener {
  return {
    kernelEnded: id => replays.end(id),
    openSession: async options => {
      const replay = await replays.begin(options.id, options.path());
      const session = await lab.openSession({ ...options, ...(replay === undefined ? {} : { replay }) });
      team.follow(session);
      return session;
    }
  };
}

/** Looks for kernels now and then; the returned function ends it. */
function endWhenIdle({ endWhenIdleMs, onShutdownRequest }: JupyterServerOptions, registry: KernelRegistry): () => void {
  if (endWhenIdleMs === null) return () => undefined;
  let lastUseMs = performance.now();
  const timer = setInterval(() => {
    if (registry.isUsed) lastUseMs = performance.now();
    if (performance.now() - lastUseMs < endWhenIdleMs) return;
    clearInterval(timer);
    onShutdownRequest();
  }, IDLE_CHECK_MS);
  return () => clearInterval(timer);
}

async function listen(server: FastifyInstance, { port, ip }: JupyterServerOptions): Promise<void> {
  try {
    await server.listen({ port, host: ip });
  } catch (cause) {
    await server.close();
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new LabError('BPFLAB_SERVER_LISTEN', `Cannot listen at ${ip}, port ${port} — ${code}.`, { cause });
  }
}

/** JupyterLab sends JSON as `text/plain`, and saves without a body: what a client calls it does not matter. */
function readBodiesAsJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('remove', 'remove');
  server.addContentTypeParser('*', { parseAs: 'string' }, (request, body: string, done) => {
    if (body.trim() === '') done(null, undefined);
    else void parse(request, body, done);
  });
}

/** A name that a browser on this machine can open; brackets around IPv6. */
function urlHost(ip: string): string {
  if (ip === '0.0.0.0' || ip === '::') return 'localhost';
  return ip.includes(':') ? `[${ip}]` : ip;
}
