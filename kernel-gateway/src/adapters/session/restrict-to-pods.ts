import { createHash } from 'node:crypto';
import type { Build } from '../../core/index.js';
import { readObject } from '../../core/object/read-object.js';
import { FILTER_MAP, filterObject, type FilteredSection } from '../../core/pod-filter/filter-object.js';
import type { PodContainer, PodSelection } from '../../core/pods/pod-container.js';
import { useBinariesOf } from './binaries-in-pods.js';
import type { BpfCell } from './bpf-cell.js';
import { say, type CellContext } from './cell-context.js';
import { FilterMaps } from './filter-maps.js';
import { followGroups } from './follow-groups.js';
import { noPods } from './no-pods.js';

/** The most cgroups that a restriction lets through at a time. */
const MAX_GROUPS = 4096;

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

/**
 * Fills the filter's maps with the cgroups of the chosen pods, on each node with its own, and keeps them so as pods and nodes come and go,
 * until the run ends. An empty map lets nothing pass, so this comes between load and attach.
 *
 * @throws LabError BPFLAB_POD_UNKNOWN when no container of them runs on these nodes
 */
export async function followPods(cell: BpfCell, selection: PodSelection, sections: FilteredSection[]): Promise<void> {
  const { context, run } = cell;
  const maps = new FilterMaps(run, FILTER_MAP);
  const { here } = await followGroups(cell, selection, groups => maps.set(groups));
  if (here[0] !== undefined) await useBinariesOf(cell, here[0]);
  const open = sections.filter(section => section.verdict === null).map(section => section.section);
  say(context, describeRestriction(here, open), 'stderr');
}

/** What a restricted cell says of itself; `open` are the parts that have no task to ask. */
export function describeRestriction(containers: readonly PodContainer[], open: readonly string[]): string {
  const pods = [...new Set(containers.map(({ namespace, pod }) => `${namespace}/${pod}`))];
  const shown = pods.length > 5 ? `${pods.slice(0, 5).join(', ')} and ${pods.length - 5} more` : pods.join(', ');
  const rest = open.length === 0 ? '' : ` These have no task to ask and see the whole node: ${open.join(', ')}.`;
  return `Restricted in the kernel to ${shown}.${rest}`;
}
