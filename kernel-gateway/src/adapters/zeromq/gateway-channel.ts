/** A kernel in a gateway, over its REST routes and a websocket. */
import { WebSocket } from 'ws';
import type { JupyterMessage } from '../../core/kernel/jupyter-message.js';
import { LabError } from '../../protocol/index.js';
import { decodeV1, encodeV1, WIRE_V1 } from '../jupyter/kernels/wire-v1.js';
import type { RunningGateway } from '../runtime/running-gateway.js';

/** One kernel that was started here, and ends with `close`, or soon after this process. */
export class GatewayChannel {
  readonly #gateway: RunningGateway;
  readonly #id: string;
  readonly #socket: WebSocket;

  private constructor(gateway: RunningGateway, id: string, socket: WebSocket) {
    this.#gateway = gateway;
    this.#id = id;
    this.#socket = socket;
  }

  /**
   * Starts a kernel and connects to it.
   *
   * @throws LabError BPFLAB_GATEWAY_START
   */
  static async open(gateway: RunningGateway): Promise<GatewayChannel> {
    const headers = { authorization: `token ${gateway.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${gateway.url}api/kernels`, { method: 'POST', headers, body: '{"name":"bpflab"}' });
    if (!response.ok) {
      const { message = `status ${response.status}` } = (await response.json()) as { message?: string };
      throw new LabError('BPFLAB_GATEWAY_START', `The gateway did not start a kernel — ${message}`);
    }
    const { id } = (await response.json()) as { id: string };
    const url = `${gateway.url.replace(/^http/, 'ws')}api/kernels/${id}/channels?session_id=${id}&lease=1`;
    const socket = new WebSocket(url, WIRE_V1, { headers, maxPayload: 0, perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', (cause: Error) => {
        reject(
          new LabError('BPFLAB_GATEWAY_START', `The gateway's kernel was not reached — ${cause.message}.`, { cause })
        );
      });
    });
    return new GatewayChannel(gateway, id, socket);
  }

  /** `listener` is called with every message of the kernel, `onLost` once when there will be no more. */
  listen(listener: (message: JupyterMessage) => void, onLost: () => void): void {
    this.#socket.on('message', (data: Buffer) => listener(decodeV1(data)));
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('close', onLost);
  }

  send(message: JupyterMessage): void {
    this.#socket.send(encodeV1(message));
  }

  /** Ends the kernel; resolves when it has left nothing behind. */
  async close(): Promise<void> {
    const headers = { authorization: `token ${this.#gateway.token}` };
    // When the gateway is gone, so is the kernel.
    await fetch(`${this.#gateway.url}api/kernels/${this.#id}`, { method: 'DELETE', headers }).catch(() => undefined);
    this.#socket.terminate();
  }
}
