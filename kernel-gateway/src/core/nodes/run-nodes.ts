import type { RunNode } from '../../protocol/index.js';
import type { NodeCount } from '../store/store-nodes.js';
import type { ConnectedNodes } from './connected-nodes.js';

/** What a run's card says of its nodes: each node's verdict, kernel, and what came from it, in order of their names. */
export function runNodes(
  nodes: ConnectedNodes,
  run: string,
  counts: readonly ReadonlyMap<number, NodeCount>[]
): RunNode[] {
  const live = new Map(nodes.members().map(({ node, connection }) => [node, connection.hello]));
  return nodes
    .verdicts(run)
    .map(({ node, state, message }) => {
      const all = counts.flatMap(byNode => byNode.get(node) ?? []);
      return {
        node: nodes.names[node] ?? '',
        state,
        message,
        kernel_release: live.get(node)?.kernel_release ?? '',
        arch: live.get(node)?.arch ?? '',
        events: String(all.reduce((sum, count) => sum + count.rows, 0)),
        lost: String(all.reduce((sum, count) => sum + count.lost, 0n))
      };
    })
    .sort((left, right) => left.node.localeCompare(right.node, 'en', { numeric: true }));
}
