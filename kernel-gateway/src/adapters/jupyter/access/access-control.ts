/** The gate in front of every route and every socket. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LabError } from '../../../protocol/index.js';
import type { JupyterServerOptions } from '../server-options.js';
import { Authority, type Scope } from './authority.js';
import { followerConnects, followerReads, type Shared } from './follower-routes.js';
import { loginPage } from './login-page.js';
import { OriginGuard } from './origin-guard.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on public routes only. */
    scope: Scope | null;
  }
  interface FastifyContextConfig {
    /** Served to strangers: the login page, static files. */
    isPublic?: boolean;
    /** A page for people: a missing token is answered with the login page instead of JSON. */
    isPage?: boolean;
    /** The scope `metrics` is enough. */
    isMetrics?: boolean;
  }
}

const HTML = 'text/html; charset=utf-8';
const LOOKING = new Set(['GET', 'HEAD']);

/**
 * Sent with every answer. JupyterLab validates settings with compiled functions, hence `unsafe-eval`; scripts in
 * notebooks' HTML do not run: no `unsafe-inline` for scripts.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: https:",
  "font-src 'self' data:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "frame-src 'self' blob: data:",
  "frame-ancestors 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'"
].join('; ');

/** Checks Host, Origin and token of requests and upgrades. */
export class AccessControl {
  readonly authority: Authority;
  readonly #guard: OriginGuard;
  readonly #baseUrl: string;
  readonly #shared: Shared;

  constructor(options: JupyterServerOptions, shared: Shared) {
    this.#shared = shared;
    const { token, followerToken, metricsToken, baseUrl, ip, allowedHosts } = options;
    this.authority = new Authority({ owner: token, follower: followerToken, metrics: metricsToken });
    this.#guard = new OriginGuard([ip, ...allowedHosts]);
    this.#baseUrl = baseUrl;
  }

  /** Adds the gate and the login routes to a server. */
  install(server: FastifyInstance): void {
    server.decorateRequest('scope', null);
    server.addHook('onRequest', (request, reply) => this.#check(request, reply));
    server.addHook('onSend', (_request, reply, _payload, done) => {
      if (!reply.hasHeader('content-security-policy')) {
        reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
      }
      reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'same-origin');
      done();
    });
    this.#loginRoutes(server);
  }

  /** Scope of a websocket upgrade; null: refuse it. */
  scopeOfUpgrade(request: IncomingMessage): Scope | null {
    const { host, origin, authorization, cookie } = request.headers;
    if (!this.#guard.isOurHost(host) || !this.#guard.isOurOrigin(origin, host)) return null;
    const query = new URLSearchParams(request.url?.split('?')[1] ?? '');
    const queryToken = query.get('token') ?? undefined;
    const scope = this.authority.scopeOf({ authorization, cookie, queryToken });
    return scope === 'follower' && !followerConnects(this.#pathOf(request.url), this.#shared) ? null : scope;
  }

  /** Path below the base URL as it came, without its query; empty when it is not below it. */
  #pathOf(url = ''): string {
    const [path = ''] = url.split('?', 1);
    return path.startsWith(this.#baseUrl) ? path.slice(this.#baseUrl.length) : '';
  }

  #isAllowed(scope: Scope, { method, url, routeOptions }: FastifyRequest): boolean {
    if (scope === 'metrics') return routeOptions.config.isMetrics === true;
    return scope === 'owner' || (LOOKING.has(method) && followerReads(this.#pathOf(url), this.#shared));
  }

  /** Answers by itself when the request may not pass; undefined lets it pass. */
  async #check(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { host, origin, authorization, cookie } = request.headers;
    this.#checkOrigin(host, origin);
    const queryToken = (request.query as Record<string, string | undefined>)['token'];
    const scope = this.authority.scopeOf({ authorization, cookie, queryToken });
    request.scope = scope;
    const { isPublic = false, isPage = false } = request.routeOptions.config;
    if (isPublic) return;
    if (scope !== null && this.#isAllowed(scope, request)) {
      return isPage && queryToken ? await this.#rememberToken(request, reply, queryToken) : undefined;
    }
    if (isPage) return await this.#showLogin(request, reply, queryToken !== undefined);
    throw scope === null
      ? new LabError('BPFLAB_ACCESS_TOKEN', 'The request was refused — it carries no token of this server.')
      : new LabError('BPFLAB_ACCESS_SCOPE', `The request was refused — it is beyond what a ${scope} may do.`);
  }

  #checkOrigin(host: string | undefined, origin: string | undefined): void {
    if (!this.#guard.isOurHost(host)) {
      throw new LabError(
        'BPFLAB_ACCESS_ORIGIN',
        `The request was refused — its Host "${host ?? ''}" is not this server.`
      );
    }
    if (!this.#guard.isOurOrigin(origin, host)) {
      throw new LabError(
        'BPFLAB_ACCESS_ORIGIN',
        `The request was refused — it comes from a page of "${origin ?? ''}".`
      );
    }
  }

  /** The token goes into a cookie and out of the address, so that it is not in the history and in copied links. */
  #rememberToken(request: FastifyRequest, reply: FastifyReply, token: string): FastifyReply {
    const url = new URL(request.url, 'http://x');
    url.searchParams.delete('token');
    return reply
      .header('set-cookie', this.authority.setCookie(token, this.#baseUrl))
      .redirect(url.pathname + url.search);
  }

  #showLogin(request: FastifyRequest, reply: FastifyReply, isWrong: boolean): FastifyReply {
    const url = new URL(request.url, 'http://x');
    url.searchParams.delete('token');
    const page = loginPage({ action: `${this.#baseUrl}login`, next: url.pathname + url.search, isWrong });
    return reply.code(403).type(HTML).header('cache-control', 'no-store').send(page);
  }

  /** In a scope of its own: only here a body is a form. */
  #loginRoutes(server: FastifyInstance): void {
    void server.register((scope, _options, done) => {
      const parsing = { parseAs: 'string' as const, bodyLimit: 10_000 };
      scope.addContentTypeParser('application/x-www-form-urlencoded', parsing, (_request, body: string, parsed) => {
        parsed(null, new URLSearchParams(body));
      });
      const action = `${this.#baseUrl}login`;
      scope.get(action, { config: { isPublic: true } }, (request, reply) => {
        const next = this.#localAddress((request.query as Record<string, string | undefined>)['next']);
        return reply.type(HTML).send(loginPage({ action, next, isWrong: false }));
      });
      scope.post(action, { config: { isPublic: true } }, (request, reply) => {
        const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
        const token = form.get('token') ?? '';
        const next = this.#localAddress(form.get('next') ?? undefined);
        if (this.authority.scopeOfToken(token) === null) {
          return reply
            .code(403)
            .type(HTML)
            .send(loginPage({ action, next, isWrong: true }));
        }
        return reply.header('set-cookie', this.authority.setCookie(token, this.#baseUrl)).redirect(next);
      });
      done();
    });
  }

  /** An address below our base, whatever was asked: no open redirect. */
  #localAddress(next: string | undefined): string {
    const url = URL.canParse(next ?? '', 'http://x') ? new URL(next ?? '', 'http://x') : null;
    const isLocal = url?.host === 'x' && url.pathname.startsWith(this.#baseUrl) && !url.pathname.startsWith('//');
    return isLocal ? url.pathname + url.search : `${this.#baseUrl}lab`;
  }
}
