import { groupIdsOf, type PodContainer, type PodSelection } from '../../core/pods/pod-container.js';
import { obeyNamespaces } from '../../core/policy/obey-terms.js';
import { LabError } from '../../protocol/index.js';
import type { CellContext } from './cell-context.js';
import { eachNode } from './each-node.js';
import type { GroupsByNode } from './filter-maps.js';
import type { LiveRun } from './live-run.js';
import { noPods } from './no-pods.js';
import { runProcess } from './run-process.js';

const noBytes = new Uint8Array(0);
const listGroups = ['/usr/bin/find', '/sys/fs/cgroup', '-fstype', 'cgroup2', '-type', 'd', '-printf', '%i %p\\n'];
/** What the card says of a node where nothing of the program is seen. */
const NO_POD = 'none of the chosen pods runs here';

/** Where a restricted program runs. */
export interface RestrictedRun {
  context: CellContext;
  run: LiveRun;
}

/** The containers that a run follows, and the cgroups of now. */
export interface FollowedGroups {
  here: PodContainer[];
  groups: GroupsByNode;
}

/**
 * Follows the cgroups of the chosen pods on the nodes of a run until the run ends: pods come and go, and nodes do.
 *
 * @param where - the run, whose nodes are asked for their cgroups
 * @param selection - the pods
 * @param change - takes the cgroups of now before this resolves, and again whenever they or the nodes may have changed; never twice at a time
 * @throws LabError BPFLAB_POD_UNKNOWN when no container of them runs on these nodes, BPFLAB_POLICY_REFUSED
 */
export async function followGroups(
  where: RestrictedRun,
  selection: PodSelection,
  change: (groups: GroupsByNode) => Promise<void>
): Promise<FollowedGroups> {
  const { context, run } = where;
  const { nodes } = run.connection;
  const nameOf = nodeNames(where);
  let groups = new Map<number, ReadonlySet<bigint>>();
  let last = Promise.resolve();
  const set = async (containers: readonly PodContainer[]): Promise<void> => {
    const found = new Map<number, ReadonlySet<bigint>>();
    await eachNode(run, async ({ node, connection }) => {
      const own = containers.filter(container => (nameOf(node) ?? container.node) === container.node);
      obeyNamespaces(connection.hello.policy, [...new Set(own.map(container => container.namespace))]);
      const lines = own.length === 0 ? '' : await groupLines(where, connection);
      found.set(node, new Set(groupIdsOf(own, lines)));
    });
    groups = found;
    await change(found);
    for (const [node, ids] of found) note(run, node, ids.size === 0 ? NO_POD : '');
  };
  const followed = await context.core.options.pods.follow(selection, containers => setLater(containers));
  let isEnded = false;
  const close = (): void => {
    isEnded = true;
    followed.close();
  };
  const setLater = (containers: readonly PodContainer[]): void => {
    // When the run or its target ends meanwhile, there is nothing left to keep up to date.
    if (!isEnded) last = last.then(() => set(containers)).catch(() => undefined);
  };
  void run.ended.then(close);
  try {
    const isHere = ({ node }: PodContainer): boolean =>
      nodes === undefined ? (nameOf(0) ?? node) === node : nodes.names.includes(node);
    const here = followed.containers.filter(isHere);
    if (here.length === 0) throw noPods(selection);
    const first = set(followed.containers);
    last = first.catch(() => undefined);
    await first;
    let known = membersOf(run);
    nodes?.onChange(() => {
      if (known === membersOf(run)) return;
      known = membersOf(run);
      setLater(followed.containers);
    });
    return { here, groups };
  } catch (error) {
    close();
    throw error;
  }
}

/** Names of the run's nodes by number; null: whatever node it is, it has all the pods. */
function nodeNames({ context, run }: RestrictedRun): (node: number) => string | null {
  const { nodes } = run.connection;
  if (nodes !== undefined) return node => nodes.names[node] ?? '';
  const name = /^pod:(.+)$/.exec(context.core.state.runs.get(run.id)?.target ?? '')?.[1] ?? null;
  return () => name;
}

const membersOf = ({ connection: { nodes } }: LiveRun): string =>
  (nodes?.members() ?? []).map(({ node }) => node).join(' ');

/** Says it only where it is new: the card is drawn again for it. What else is said of the node stays. */
function note({ connection: { nodes }, id }: LiveRun, node: number, message: string): void {
  const before = nodes?.verdicts(id).find(one => one.node === node);
  if (nodes === undefined || (before?.message ?? '') === message) return;
  if (before === undefined || before.message === '' || before.message === NO_POD) nodes.note(id, node, message);
}

async function groupLines({ context, run }: RestrictedRun, connection: LiveRun['connection']): Promise<string> {
  const parts: Uint8Array[] = [];
  const { exited } = await runProcess(context.core, {
    run: { id: run.id, connection },
    argv: listGroups,
    stdin: noBytes,
    onStdout: bytes => void parts.push(bytes.slice()),
    onStderr: () => undefined
  });
  const { status, signal } = await exited;
  if (status === null && signal === null) throw new LabError('BPFLAB_TARGET_LOST', 'The node was lost.');
  return Buffer.concat(parts).toString('utf8');
}
