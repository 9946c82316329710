import { readFileSync } from 'node:fs';
import type { request as plainRequest } from 'node:http';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

/** A kubeconfig, as far as tests change it. */
export interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[];
  users: { name: string; user: Record<string, unknown> }[];
}

interface ApiServer {
  server: string;
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

/** An HTTP proxy before an API server, with the credential of an administrator: slow, throttling, or cut, as it is told. */
export class ApiProxy {
  /** Milliseconds that each request waits. */
  delayMs = 0;
  /** So many requests are answered with 429. */
  refuse = 0;
  refused = 0;
  readonly #api: ApiServer;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(api: ApiServer) {
    this.#api = api;
    this.#server = createServer((from, to) => {
      if (this.refuse > 0) {
        this.refuse -= 1;
        this.refused += 1;
        to.writeHead(429, { 'retry-after': '1' }).end('{"kind":"Status","message":"too many requests"}');
        return;
      }
      setTimeout(() => {
        const onwards = this.#ask(from);
        onwards.on('response', answer => {
          to.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(to);
        });
        onwards.on('error', () => to.destroy());
        to.on('close', () => onwards.destroy());
        from.pipe(onwards);
      }, this.delayMs);
    });
    this.#server.on('upgrade', (from, socket: Socket) => this.#upgrade(from, socket));
  }

  /** A proxy before the test cluster of that state folder. */
  static of(state: string): ApiProxy {
    const pki = (name: string): Buffer => readFileSync(join(state, 'pki', name));
    const { clusters } = JSON.parse(readFileSync(join(state, 'admin.conf'), 'utf8')) as Kubeconfig;
    const server = String(clusters[0]?.cluster['server']);
    return new ApiProxy({ server, ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key') });
  }

  /** Makes a kubeconfig use the proxy, which has the credential itself. */
  static use(config: Kubeconfig, url: string): void {
    for (const one of config.clusters) one.cluster = { server: url, 'insecure-skip-tls-verify': true };
    for (const one of config.users) one.user = {};
  }

  async open(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts all sockets that are open now; how many there were. */
  cut(): number {
    const { size } = this.#sockets;
    for (const socket of this.#sockets) socket.destroy();
    return size;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #ask(from: IncomingMessage): ReturnType<typeof plainRequest> {
    const { server, ...credential } = this.#api;
    const headers = { ...from.headers };
    delete headers.host;
    return request(new URL(from.url ?? '/', server), { ...credential, method: from.method ?? 'GET', headers });
  }

  #upgrade(from: IncomingMessage, socket: Socket): void {
    setTimeout(() => {
      const onwards = this.#ask(from);
      onwards.on('upgrade', (answer, far: Socket) => {
        const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
        this.#sockets.add(socket);
        socket.pipe(far).pipe(socket);
        const end = (): void => {
          this.#sockets.delete(socket);
          socket.destroy();
          far.destroy();
        };
        for (const one of [socket, far]) one.on('close', end).on('error', end);
      });
      onwards.on('error', () => socket.destroy());
      onwards.end();
    }, this.delayMs);
  }
}
