import { WebSocket } from 'ws';
import type { JupyterMessage } from '../../kernel-gateway/src/core/kernel/jupyter-message.js';
import { decodeJson, encodeJson } from '../../kernel-gateway/src/adapters/jupyter/kernels/wire-json.js';
import { decodeV1, encodeV1, WIRE_V1 } from '../../kernel-gateway/src/adapters/jupyter/kernels/wire-v1.js';
import { TOKEN, type TestServer } from './gateway-server.js';

/** What a client may say of itself. */
export interface ClientOptions {
  token?: string;
  protocols?: string[];
}

/** A kernel's channels on one raw websocket; received messages wait until somebody asks for them. */
export class ChannelsClient {
  readonly socket: WebSocket;
  readonly received: JupyterMessage[] = [];
  #waiters: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data, isBinary) => {
      const bytes = new Uint8Array(data as Buffer);
      const message =
        socket.protocol === WIRE_V1 ? decodeV1(bytes) : decodeJson(isBinary ? bytes : (data as Buffer).toString());
      this.received.push(message);
      for (const waiter of this.#waiters.splice(0)) waiter();
    });
  }

  static async open(
    test: TestServer,
    kernelId: string,
    options: ClientOptions & { session: string }
  ): Promise<ChannelsClient> {
    const url = `${test.origin.replace('http', 'ws')}/api/kernels/${kernelId}/channels?session_id=${options.session}`;
    const headers = { authorization: `token ${options.token ?? TOKEN}` };
    const socket = new WebSocket(url, options.protocols ?? [], { headers });
    const client = new ChannelsClient(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return client;
  }

  send(type: string, content: Record<string, unknown>, id: string, channel: 'shell' | 'control' = 'shell'): void {
    const header = {
      msg_id: id,
      session: 's',
      username: 'u',
      date: new Date().toISOString(),
      msg_type: type,
      version: '5.4'
    };
    const message: JupyterMessage = { channel, header, parent_header: {}, metadata: {}, content, buffers: [] };
    this.socket.send(this.socket.protocol === WIRE_V1 ? encodeV1(message) : encodeJson(message));
  }

  /** Resolves when a message of that type, under that request, is there. */
  async has(
    type: string,
    parent: string,
    accept: (message: JupyterMessage) => boolean = () => true
  ): Promise<JupyterMessage> {
    for (;;) {
      const found = this.received.find(
        ({ header, parent_header }, index) =>
          header.msg_type === type && parent_header['msg_id'] === parent && accept(this.received[index]!)
      );
      if (found) return found;
      await new Promise<void>(resolve => this.#waiters.push(resolve));
    }
  }

  idle(parent: string): Promise<JupyterMessage> {
    return this.has('status', parent, ({ content }) => content['execution_state'] === 'idle');
  }

  text(parent: string): string {
    return this.received
      .filter(({ header, parent_header }) => header.msg_type === 'stream' && parent_header['msg_id'] === parent)
      .map(({ content }) => content['text'] as string)
      .join('');
  }

  /** Cuts the connection as a lost network does: no closing handshake. */
  async drop(): Promise<void> {
    const closed = new Promise(resolve => this.socket.once('close', resolve));
    this.socket.terminate();
    await closed;
  }
}
