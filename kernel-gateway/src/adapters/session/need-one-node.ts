import type { AgentConnection } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';

/**
 * For what many nodes cannot do at once.
 *
 * @param connection - of the run
 * @param what - is asked for: the beginning of a sentence
 * @throws LabError BPFLAB_CELL_OPTION
 */
export function needOneNode(connection: AgentConnection, what: string): void {
  if (connection.nodes === undefined) return;
  throw new LabError('BPFLAB_CELL_OPTION', `${what} on one node at a time: name it with --node NAME.`);
}
