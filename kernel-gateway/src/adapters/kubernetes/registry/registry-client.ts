import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Readable } from 'node:stream';
import { LabError } from '../../../protocol/index.js';
import { registryAccess } from './registry-access.js';
import type { ImageReference } from './image-reference.js';

/** One request: the body is made anew when the registry asks who we are. */
interface RegistryRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Address, or a path below the registry's own. */
  target: string;
  headers?: Record<string, string | number>;
  body?: () => Readable | Buffer;
}

/** What is uploaded. */
interface RegistryBlob {
  /** `sha256:` and hex digits. */
  digest: string;
  /** In bytes. */
  size: number;
  /** Gives its bytes; may be called again. */
  open: () => Readable | Buffer;
}

interface RegistryAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;
const ANSWER_LIMIT = 1 << 20;

/**
 * Writes to one repository of a registry by opencontainers/distribution-spec 1.1. Plain HTTP on loopback only, as Docker does;
 * the login is the one that `docker login` kept.
 */
export class RegistryClient {
  #authorization: string | null = null;
  readonly #base: URL;

  constructor(
    private readonly place: ImageReference,
    private readonly env: NodeJS.ProcessEnv
  ) {
    this.#base = new URL(`${LOOPBACK.test(place.host) ? 'http' : 'https'}://${place.host}/`);
  }

  /** Whether it has a blob of that digest. */
  async hasBlob(digest: string): Promise<boolean> {
    const { status } = await this.#send({ method: 'HEAD', target: `/v2/${this.place.name}/blobs/${digest}` });
    return status === 200;
  }

  /**
   * Uploads a blob in one piece.
   *
   * @throws LabError BPFLAB_REGISTRY_PUSH
   */
  async putBlob({ digest, size, open }: RegistryBlob): Promise<void> {
    const begun = await this.#send({ method: 'POST', target: `/v2/${this.place.name}/blobs/uploads/` });
    const { location } = begun.headers;
    if (begun.status !== 202 || location === undefined) throw this.#refused('begin an upload', begun);
    const target = new URL(location, this.#base);
    target.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream', 'content-length': size };
    const put = await this.#send({ method: 'PUT', target: target.href, headers, body: open });
    if (put.status !== 201) throw this.#refused(`upload ${digest}`, put);
  }

  /**
   * Gives the repository's tag a manifest.
   *
   * @throws LabError BPFLAB_REGISTRY_PUSH
   */
  async putManifest(type: string, content: Buffer): Promise<void> {
    const { name, tag } = this.place;
    const headers = { 'content-type': type, 'content-length': content.length };
    const target = `/v2/${name}/manifests/${tag}`;
    const put = await this.#send({ method: 'PUT', target, headers, body: () => content });
    if (put.status !== 201) throw this.#refused(`name the image "${name}:${tag}"`, put);
  }

  async #send(request: RegistryRequest): Promise<RegistryAnswer> {
    const first = await this.#try(request);
    if (first.status !== 401) return first;
    this.#authorization = await this.#authorize(first.headers['www-authenticate'] ?? '');
    return this.#authorization === null ? first : this.#try(request);
  }

  #try({ method, target, headers = {}, body }: RegistryRequest): Promise<RegistryAnswer> {
    const url = new URL(target, this.#base);
    // The login is for this registry alone; an upload may go to a store elsewhere, by an address that is signed.
    const isOurs = url.host === this.#base.host;
    const authorization = this.#authorization !== null && isOurs ? { authorization: this.#authorization } : {};
    const send = url.protocol === 'http:' ? requestPlain : requestSecure;
    return new Promise((resolve, reject) => {
      const sent = send(url, { method, headers: { ...headers, ...authorization } }, answer => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (text = (text + part).slice(0, ANSWER_LIMIT)));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      });
      sent.on('error', error => reject(this.#error(`It does not answer — ${error.message}`, error)));
      const content = body?.();
      if (content === undefined || Buffer.isBuffer(content)) sent.end(content);
      else content.on('error', error => sent.destroy(error)).pipe(sent);
    });
  }

  /** The header that answers a challenge (RFC 7235; the token road is distribution's); null when we have no login for it. */
  async #authorize(challenge: string): Promise<string | null> {
    const login = await registryAccess(this.place.host, this.env);
    const basic = login === null ? null : `Basic ${login}`;
    if (!/^bearer /i.test(challenge)) return basic;
    const parts = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
    const url = new URL(parts.get('realm') ?? '', this.#base);
    url.searchParams.set('service', parts.get('service') ?? '');
    url.searchParams.set('scope', `repository:${this.place.name}:pull,push`);
    const isSafe = url.protocol === 'https:' || LOOPBACK.test(url.host);
    const headers = basic === null || !isSafe ? {} : { authorization: basic };
    const answer = await fetch(url, { headers });
    if (!answer.ok) return null;
    const { token, access_token: other } = (await answer.json()) as { token?: string; access_token?: string };
    return `Bearer ${token ?? other ?? ''}`;
  }

  #refused(what: string, { status, text }: RegistryAnswer): LabError {
    const known = /"message"\s*:\s*"([^"]+)"/.exec(text)?.[1];
    const login = status === 401 || status === 403 ? ` (docker login ${this.place.host} gives you access)` : '';
    return this.#error(`Cannot ${what} — ${known ?? `status ${status}`}${login}`);
  }

  #error(text: string, cause?: unknown): LabError {
    return new LabError('BPFLAB_REGISTRY_PUSH', `Registry ${this.place.host}: ${text}.`, { cause });
  }
}
