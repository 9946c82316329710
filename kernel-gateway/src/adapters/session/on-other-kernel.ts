import type { AgentConnection, CancelSignal } from '../../core/index.js';
import { agentSession } from '../../core/nodes/agent-session.js';
import { LabError } from '../../protocol/index.js';
import type { SessionCore } from './session-core.js';
import { TargetLink } from './target-link.js';

/**
 * Does something on a virtual machine with that kernel, which is there only for it: the session's own targets stay.
 *
 * @throws LabError what the start of the target may throw
 */
export async function onOtherKernel<T>(
  core: SessionCore,
  kernel: string,
  signal: CancelSignal,
  work: (connection: AgentConnection) => Promise<T>
): Promise<T> {
  const provider = core.options.findProvider('vm');
  if (provider === null) throw new LabError('BPFLAB_TARGET_UNKNOWN', 'There is no target "vm".');
  const link = new TargetLink({
    session: agentSession(core.options.id, kernel),
    provider,
    kernel,
    events: {
      onOpening: () => undefined,
      onProgress: () => undefined,
      onChannel: channel => Promise.resolve(channel),
      onReady: () => Promise.resolve(),
      onFailed: () => undefined,
      onLost: () => undefined
    }
  });
  try {
    return await work(await link.connection(signal));
  } finally {
    await link.close();
  }
}
