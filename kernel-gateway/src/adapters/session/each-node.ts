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
  const stateOf = (node: number): string | undefined => nodes.verdicts(id).find(one => one.node === node)?.state;
  const outcomes = await nodes.each(async member => {
    if (stateOf(member.node) === 'refused') return 'out';
    await work(member);
    return 'done';
  });
  const refusals = outcomes.flatMap(({ node, outcome }) =>
    outcome.status === 'rejected' ? [{ node, error: outcome.reason as unknown }] : []
  );
  const foreign = refusals.find(({ error }) => !(error instanceof LabError));
  const isDone = outcomes.some(({ outcome }) => outcome.status === 'fulfilled' && outcome.value === 'done');
  const thrown = foreign ?? (isDone ? undefined : refusals[0]);
  if (thrown !== undefined) throw thrown.error;
  for (const { node, error } of refusals)
    if (stateOf(node) !== 'lost') nodes.refuse(id, node, (error as LabError).message);
}
