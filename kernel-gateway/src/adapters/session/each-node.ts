import type { NodeMember } from '../../core/nodes/connected-nodes.js';
import { LabError } from '../../protocol/index.js';
import type { LiveRun } from './live-run.js';

/** The only node of a connection that has no others. */
const ONLY = 0;

/**
 * Work on every node that takes part in a run, each by its own connection; a run on one kernel has one node, number 0. A node that
 * refuses takes no part in the run any more, one that is lost or late is left out.
 *
 * @throws LabError the first node's, when none is left
 */
export async function eachNode(
  { id, connection }: Pick<LiveRun, 'id' | 'connection'>,
  work: (member: NodeMember) => Promise<void>
): Promise<void> {
  const { nodes } = connection;
  if (nodes === undefined) return work({ node: ONLY, connection });
  const isOut = (node: number): boolean => nodes.verdicts(id).find(one => one.node === node)?.state === 'refused';
  const outcomes = await nodes.each(async member => (isOut(member.node) ? 'out' : work(member)));
  let failure: LabError | null = null;
  let done = 0;
  for (const { node, outcome } of outcomes) {
    if (outcome.status === 'fulfilled') {
      if (outcome.value !== 'out') done++;
      continue;
    }
    const error: unknown = outcome.reason;
    if (!(error instanceof LabError)) throw error;
    failure ??= error;
    if (error.code !== 'BPFLAB_TARGET_LOST') nodes.refuse(id, node, error.message);
  }
  if (done === 0 && failure !== null) throw failure;
}
