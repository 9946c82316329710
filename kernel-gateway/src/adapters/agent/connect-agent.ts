import type { AgentChannel, AgentConnection } from '../../core/index.js';
import {
  AGENT_PROTOCOL_VERSION,
  agentHelloSchema,
  FrameKind,
  LabError,
  refusedHelloSchema,
  type AgentHello,
  type ClientHello,
  type Frame
} from '../../protocol/index.js';
import { AgentRequestError } from '../../core/agent/agent-request-error.js';
import { FramedConnection } from './framed-connection.js';

/** A cold guest without hardware virtualization answers within this time on a loaded machine. */
const HELLO_TIMEOUT_MS = 60_000;

/**
 * Exchanges hellos over a fresh channel. The connection owns the channel from here on and closes it.
 *
 * @throws LabError BPFLAB_AGENT_PROTOCOL when the agent speaks another version or no frames at all, BPFLAB_POLICY_REFUSED,
 *   BPFLAB_POLICY_LIMIT, BPFLAB_POLICY_INVALID when its policy gives no session,
 *   BPFLAB_TARGET_LOST when the channel closes first, BPFLAB_TARGET_START when no hello comes in time
 */
export async function connectAgent(channel: AgentChannel, hello: ClientHello): Promise<AgentConnection> {
  const connection = new FramedConnection(channel);
  try {
    const answer = await firstFrame(connection, hello);
    return connection.open(readHello(answer));
  } catch (error) {
    await channel.close();
    throw error;
  }
}

function firstFrame(connection: FramedConnection, hello: ClientHello): Promise<Frame> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new LabError('BPFLAB_TARGET_START', `The agent did not answer within ${HELLO_TIMEOUT_MS / 1000} s.`));
    }, HELLO_TIMEOUT_MS);
    connection.onHello(
      frame => {
        clearTimeout(timer);
        resolve(frame);
      },
      reason => {
        clearTimeout(timer);
        reject(new LabError('BPFLAB_TARGET_LOST', `The target was lost before its agent answered: ${reason}.`));
      }
    );
    connection.sendJson(FrameKind.hello, hello);
  });
}

function readHello(frame: Frame): AgentHello {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(frame.payload));
  } catch (error) {
    throw new LabError('BPFLAB_AGENT_PROTOCOL', 'The first frame of the agent is no JSON.', { cause: error });
  }
  const version = (value as { protocol?: unknown } | null)?.protocol;
  if (version !== AGENT_PROTOCOL_VERSION) {
    throw new LabError(
      'BPFLAB_AGENT_PROTOCOL',
      `The agent speaks protocol ${String(version)}, the gateway ${AGENT_PROTOCOL_VERSION}.`
    );
  }
  const refused = refusedHelloSchema.safeParse(value);
  if (refused.success) throw new AgentRequestError('hello', refused.data.refused);
  const parsed = agentHelloSchema.safeParse(value);
  if (!parsed.success) {
    throw new LabError('BPFLAB_AGENT_PROTOCOL', 'The hello of the agent does not have the agreed shape.', {
      details: parsed.error.message
    });
  }
  return parsed.data;
}
