import type { KubectlCommand } from '../../core/kubectl/kubectl-command.js';
import type { KubectlIo } from '../../core/session/ports.js';
import type { ClusterObject } from './apply-object.js';
import { holdsCondition } from './wait-condition.js';

const POLL_MS = 250;
/** What a shell calls a command that Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * `kubectl wait`: asks again and again until all objects hold the condition.
 *
 * @param command - its condition and time limit
 * @param io - where it says what it waits for
 * @param read - the objects as they are now; null for one that is not there
 * @returns the exit status
 */
export async function waitFor(
  command: KubectlCommand,
  io: KubectlIo,
  read: () => Promise<{ name: string; object: ClusterObject | null }[]>
): Promise<number> {
  const { condition } = command;
  const isLate = (object: ClusterObject | null): boolean =>
    condition === 'delete' ? object !== null : object === null || !holdsCondition(object, condition);
  const until = performance.now() + command.timeoutMs;
  while (!io.signal.aborted) {
    const late = (await read()).filter(({ object }) => isLate(object)).map(({ name }) => name);
    if (late.length === 0) {
      io.write('condition met\n', 'stdout');
      return 0;
    }
    if (performance.now() > until) {
      io.write(`timed out waiting for ${condition} of ${late.join(', ')}\n`, 'stderr');
      return 1;
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  return INTERRUPTED;
}
