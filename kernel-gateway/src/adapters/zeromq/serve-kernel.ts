/**
 * A kernel as other Jupyter front ends start it: five ZeroMQ sockets in front of a kernel of the gateway, where compilers,
 * targets and stores are. Messages go through as they are, with their buffers.
 */
import { MessageFactory } from '../../core/kernel/message-factory.js';
import { provideGateway, type GatewayProgram } from '../runtime/provide-gateway.js';
import { systemClock } from '../runtime/system-clock.js';
import { readConnectionFile } from './connection-file.js';
import { GatewayChannel } from './gateway-channel.js';
import { KernelSockets } from './kernel-sockets.js';

/** Requests whose client is remembered, for replies and for questions on stdin. */
const REQUEST_LIMIT = 10_000;
/** A front end that was killed is noticed after this time. */
const PARENT_CHECK_MS = 1000;

type Ending = 'asked' | 'lost';

/**
 * Serves one kernel until a front end ends it, or is gone.
 *
 * @returns `lost` when the gateway ended before that
 * @throws LabError BPFLAB_CONFIG_OPTION, BPFLAB_GATEWAY_START
 */
export async function serveKernel(connectionFile: string, program: GatewayProgram): Promise<Ending> {
  // Before anything takes time: the front end may be gone when the gateway answers.
  const parent = process.ppid;
  const sockets = await KernelSockets.bind(await readConnectionFile(connectionFile));
  try {
    const channel = await GatewayChannel.open(await provideGateway(program));
    const ending = await new Promise<Ending>(end => {
      endWithParent(parent, end);
      bridge(sockets, channel, end);
    });
    if (ending === 'asked') await channel.close();
    return ending;
  } finally {
    await sockets.close();
  }
}

function bridge(sockets: KernelSockets, channel: GatewayChannel, end: (ending: Ending) => void): void {
  const clients = new Map<string, Uint8Array[]>();
  const messages = new MessageFactory(systemClock);
  sockets.receive(
    (from, identities, message) => {
      if (message.header.msg_type === 'shutdown_request') {
        // A restart is the front end's: it starts another process.
        const content = { status: 'ok', restart: message.content['restart'] === true };
        sockets.send(from, identities, messages.make(from, 'shutdown_reply', message.header, { content }));
        end('asked');
        return;
      }
      remember(clients, message.header.msg_id, identities);
      channel.send(message);
    },
    reason => void process.stderr.write(`A message was dropped: ${reason}\n`)
  );
  channel.listen(
    message => {
      if (message.channel === 'iopub') return sockets.publish(message);
      const client = clients.get(String(message.parent_header['msg_id']));
      if (client) sockets.send(message.channel, client, message);
    },
    () => end('lost')
  );
}

function remember(clients: Map<string, Uint8Array[]>, request: string, identities: Uint8Array[]): void {
  clients.set(request, identities);
  if (clients.size > REQUEST_LIMIT) clients.delete(clients.keys().next().value!);
}

/** Signals of the front end, and its death. An interrupt comes as a message; the signal is of the terminal it runs in. */
function endWithParent(parent: number, end: (ending: Ending) => void): void {
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end('asked'));
  setInterval(() => {
    if (process.ppid !== parent) end('asked');
  }, PARENT_CHECK_MS).unref();
}
