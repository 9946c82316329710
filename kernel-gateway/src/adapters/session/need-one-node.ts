import type { AgentConnection } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';

/**
 * For what many nodes cannot do at once.
 *
 * @param connection - of the run
 * @param reason - what is asked for, and why that is so: the beginning of a sentence and its middle
 * @throws LabError BPFLAB_CELL_OPTION
 */
export function needOneNode(connection: AgentConnection, reason: readonly [string, string]): void {
  if (connection.nodes === undefined) return;
  const [what, why] = reason;
  throw new LabError('BPFLAB_CELL_OPTION', `${what} on one node at a time, since ${why}: name it with --node NAME.`);
}
