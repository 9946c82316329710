import { MessageFactory } from '../../../core/kernel/message-factory.js';
import type { SessionCommand } from '../../../protocol/index.js';
import type { PlayerKernel } from '../../replay/replay-player.js';
import { systemClock } from '../../runtime/system-clock.js';
import type { MessageSocket } from '../kernels/client-outbox.js';
import type { GatewayKernel } from '../kernels/gateway-kernel.js';

/** Id of the player among the clients of a kernel. */
const CLIENT = 'bpflab-player';

/** A kernel as a player uses it: it is one more client, so that pages see its cells as those of any other page. */
export function kernelPlayer(kernel: GatewayKernel, clear: (cells: string[]) => void): PlayerKernel {
  const waiting = new Map<string, () => void>();
  const client = kernel.client(CLIENT);
  const socket: MessageSocket = {
    bufferedBytes: 0,
    send: (message, sent) => {
      const { msg_id: request } = message.parent_header as { msg_id?: string };
      if (message.header.msg_type === 'execute_reply' && request !== undefined) waiting.get(request)?.();
      sent();
    },
    close: () => undefined
  };
  client.attach(socket);
  const messages = new MessageFactory(systemClock);
  return {
    restart: async () => {
      await kernel.restart();
      for (const done of waiting.values()) done();
    },
    execute: (cell, code) => {
      const content = { code, silent: false, store_history: true, allow_stdin: false, stop_on_error: false };
      const metadata = { cellId: cell };
      const message = messages.make('shell', 'execute_request', null, { content, metadata });
      const request = message.header.msg_id;
      return new Promise(resolve => {
        waiting.set(request, () => {
          waiting.delete(request);
          resolve();
        });
        kernel.handle(message, client);
      });
    },
    command: async (command: SessionCommand) => kernel.session?.command(command),
    clear
  };
}
