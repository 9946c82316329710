/** The network between a client and a server of this machine: slow, silent or cut, as a test says. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A slow line gives so many times a second what it may. */
const TICKS_PER_S = 20;

/** Bytes on their way to one client. The server is not read while there are some, so no more than one reading waits. */
interface Way {
  server: Socket;
  client: Socket;
  waiting: Buffer;
}

/** Whoever opens it closes it. */
export class TcpLine {
  readonly port: number;
  readonly #listener: Server;
  readonly #ways = new Set<Way>();
  #bytesPerS = Infinity;
  #isSilent = false;
  #timer: NodeJS.Timeout;

  private constructor(listener: Server, serverPort: number) {
    this.#listener = listener;
    this.port = (listener.address() as AddressInfo).port;
    listener.on('connection', client => this.#join(client, connect(serverPort, '127.0.0.1')));
    this.#timer = setInterval(() => this.#move(), 1000 / TICKS_PER_S);
  }

  /** A line to a port of this machine, as fast as it goes. */
  static async open(serverPort: number): Promise<TcpLine> {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TcpLine(listener, serverPort);
  }

  /** All clients together get at most so many bytes a second from now on. */
  set bytesPerS(rate: number) {
    this.#bytesPerS = rate;
  }

  /** From now on everything that is sent is lost, and nobody is told. `cut` makes the line work again. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Breaks all connections without a word; new ones work. */
  cut(): void {
    this.#isSilent = false;
    for (const { server, client } of this.#ways) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#listener.close();
    this.cut();
    await once(this.#listener, 'close');
  }

  #join(client: Socket, server: Socket): void {
    const way: Way = { server, client, waiting: Buffer.alloc(0) };
    this.#ways.add(way);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#ways.delete(way);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', bytes => this.#isSilent || server.write(bytes));
    server.on('data', bytes => {
      if (this.#isSilent) return;
      if (this.#bytesPerS === Infinity && way.waiting.length === 0) client.write(bytes);
      else {
        way.waiting = Buffer.concat([way.waiting, bytes]);
        server.pause();
      }
    });
  }

  #move(): void {
    let allowed = this.#bytesPerS / TICKS_PER_S;
    for (const way of this.#ways) {
      const bytes = way.waiting.subarray(0, Math.min(allowed, way.waiting.length));
      if (bytes.length > 0 && !this.#isSilent) way.client.write(bytes);
      way.waiting = way.waiting.subarray(bytes.length);
      allowed -= bytes.length;
      if (way.waiting.length === 0) way.server.resume();
    }
  }
}
