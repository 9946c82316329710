import { createHash } from 'node:crypto';
import type { Build } from '../../core/index.js';
import { readObject } from '../../core/object/read-object.js';
import { FILTER_MAP, filterObject, type FilteredSection } from '../../core/pod-filter/filter-object.js';
import { groupIdsOf, type PodContainer, type PodSelection } from '../../core/pods/pod-container.js';
import { obeyNamespaces } from '../../core/policy/obey-terms.js';
import { LabError } from '../../protocol/index.js';
import { useBinariesOf } from './binaries-in-pods.js';
import type { BpfCell } from './bpf-cell.js';
import { say, type CellContext } from './cell-context.js';
import type { LiveRun } from './live-run.js';
import { runProcess } from './run-process.js';

/** The most cgroups that a restriction lets through at a time. */
const MAX_GROUPS = 4096;
const noBytes = new Uint8Array(0);
const listGroups = ['/usr/bin/find', '/sys/fs/cgroup', '-fstype', 'cgroup2', '-type', 'd', '-printf', '%i %p\\n'];

/** The build with the filter in its programs, and what it did to which. */
export interface RestrictedBuild {
  build: Build;
  sections: FilteredSection[];
}

/**
 * Puts the pod filter before every program that runs for a task.
 *
 * @throws LabError BPFLAB_POD_FILTER
 */
export function restrictBuild(build: Build): RestrictedBuild {
  const { object, sections } = filterObject(build.object, MAX_GROUPS);
  const sha256 = createHash('sha256').update(object).digest('hex');
  return { build: { ...build, loadable: object, sha256 }, sections };
}

/** The object's programs with the lines of the restricted ones, whose instructions stand elsewhere. */
export function restrictedPrograms(build: Build): ReturnType<typeof readObject>['programs'] {
  return readObject(build.loadable).programs;
}

/**
 * The target where the pods of a cell are: with the target `pod` it is the node of the first one.
 *
 * @throws LabError BPFLAB_POD_UNKNOWN when there is none, and what the cluster refuses
 */
export async function targetOfPods(context: CellContext, selection: PodSelection, target: string): Promise<string> {
  if (target !== 'pod') return target;
  const followed = await context.core.options.pods.follow(selection, () => undefined);
  followed.close();
  const [first] = followed.containers;
  if (first === undefined) throw noPods(selection);
  return `pod:${first.node}`;
}

/** Where a restricted program runs. */
export interface RestrictedRun {
  context: CellContext;
  run: LiveRun;
}

/** Takes cgroups that came and cgroups that went; of one caller never two at a time. */
type ChangeGroups = (added: readonly bigint[], gone: readonly bigint[]) => Promise<void>;

/**
 * Follows the cgroups of the chosen pods on the run's node until the run ends.
 *
 * @param where - the run, whose target is asked for its cgroups
 * @param selection - the pods
 * @param change - called before this resolves with those of now, and then as pods come and go
 * @returns the containers of now
 * @throws LabError BPFLAB_POD_UNKNOWN when no container of them runs on this node, BPFLAB_POLICY_REFUSED
 */
export async function followGroups(
  where: RestrictedRun,
  selection: PodSelection,
  change: ChangeGroups
): Promise<PodContainer[]> {
  const { context, run } = where;
  const node = /^pod:(.+)$/.exec(context.core.state.runs.get(run.id)?.target ?? '')?.[1] ?? null;
  const isHere = (container: PodContainer): boolean => node === null || container.node === node;
  const known = new Set<bigint>();
  let last = Promise.resolve();
  const set = async (containers: readonly PodContainer[]): Promise<void> => {
    const wanted = new Set(groupIdsOf(containers.filter(isHere), await groupLines(where)));
    const added = [...wanted].filter(id => !known.has(id));
    const gone = [...known].filter(id => !wanted.has(id));
    await change(added, gone);
    for (const id of added) known.add(id);
    for (const id of gone) known.delete(id);
  };
  const followed = await context.core.options.pods.follow(selection, containers => {
    // When the run or its target ends meanwhile, there is nothing left to keep up to date.
    last = last.then(() => set(containers)).catch(() => undefined);
  });
  void run.ended.then(() => followed.close());
  const here = followed.containers.filter(isHere);
  if (here.length === 0) {
    followed.close();
    throw noPods(selection);
  }
  try {
    obeyNamespaces(run.connection.hello.policy, [...new Set(here.map(container => container.namespace))]);
  } catch (error) {
    followed.close();
    throw error;
  }
  last = set(followed.containers);
  await last;
  return here;
}

/**
 * Fills the filter's map with the cgroups of the chosen pods, and keeps it so as pods come and go, until the run ends.
 * An empty map lets nothing pass, so this comes between load and attach.
 *
 * @throws LabError BPFLAB_POD_UNKNOWN when no container of them runs on this node
 */
export async function followPods(cell: BpfCell, selection: PodSelection, sections: FilteredSection[]): Promise<void> {
  const { context, run } = cell;
  const map = run.maps.find(one => one.name === FILTER_MAP);
  if (map === undefined) throw new LabError('BPFLAB_INTERNAL', 'The restricted object has no filter.');
  const here = await followGroups(cell, selection, (added, gone) => changeMap(run, map, { added, gone }));
  if (here[0] !== undefined) await useBinariesOf(cell, here[0]);
  const open = sections.filter(section => section.verdict === null).map(section => section.section);
  say(context, describeRestriction(here, open), 'stderr');
}

/** Writes cgroups into a filter's map of any loader: `%%bpf`'s, a skeleton's, or bpftrace's with wider values. */
export async function changeMap(
  run: LiveRun,
  map: { id: number; value_size: number },
  { added, gone }: { added: readonly bigint[]; gone: readonly bigint[] }
): Promise<void> {
  const { connection } = run;
  const value = '01'.padEnd(map.value_size * 2, '0');
  const entries = added.map(id => ({ key: keyOf(id), value }));
  if (added.length > 0) await connection.request('map_update', { map_id: map.id, entries, flags: 0 });
  if (gone.length > 0) await connection.request('map_delete', { map_id: map.id, keys: gone.map(keyOf) });
}

/** What a restricted cell says of itself; `open` are the parts that have no task to ask. */
export function describeRestriction(containers: readonly PodContainer[], open: readonly string[]): string {
  const pods = [...new Set(containers.map(({ namespace, pod }) => `${namespace}/${pod}`))];
  const shown = pods.length > 5 ? `${pods.slice(0, 5).join(', ')} and ${pods.length - 5} more` : pods.join(', ');
  const rest = open.length === 0 ? '' : ` These have no task to ask and see the whole node: ${open.join(', ')}.`;
  return `Restricted in the kernel to ${shown}.${rest}`;
}

async function groupLines({ context, run }: RestrictedRun): Promise<string> {
  const parts: Uint8Array[] = [];
  const { exited } = await runProcess(context.core, {
    run,
    argv: listGroups,
    stdin: noBytes,
    onStdout: bytes => void parts.push(bytes.slice()),
    onStderr: () => undefined
  });
  await exited;
  return Buffer.concat(parts).toString('utf8');
}

/** A u64 key in the byte order of the target, as hex digits. */
function keyOf(id: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(id);
  return bytes.toString('hex');
}

function noPods({ pod, selector, container }: PodSelection): LabError {
  const words = [pod && `pod "${pod}"`, selector && `labels "${selector}"`, container && `container "${container}"`];
  return new LabError('BPFLAB_POD_UNKNOWN', `No container runs for ${words.filter(Boolean).join(', ')}.`);
}
