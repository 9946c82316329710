import type { Build } from '../../core/index.js';
import type { PodSelection } from '../../core/pods/pod-container.js';
import { LabError } from '../../protocol/index.js';
import { say } from './cell-context.js';
import { FilterMaps, type GroupsByNode } from './filter-maps.js';
import { followGroups, type RestrictedRun } from './follow-groups.js';
import { describeRestriction, restrictBuild } from './restrict-to-pods.js';

/** A process loads at its start, mostly at once; then it is looked at again now and then. */
const QUICK_LOOKS = 200;
const QUICK_LOOK_MS = 25;
const LOOK_MS = 1000;

/** Builds whose skeletons load restricted programs, and the sections that have no task to ask. */
interface RestrictedBuilds {
  builds: Build[];
  open: string[];
}

/**
 * Puts the pod filter into the objects that a process makes skeletons of. One that cannot be restricted is left as it is, and said.
 *
 * @throws LabError BPFLAB_POD_FILTER when none of them can be restricted
 */
export function restrictBuilds(builds: readonly Build[]): RestrictedBuilds {
  const open: string[] = [];
  let failure: LabError | null = null;
  let restricted = 0;
  const result = builds.map(build => {
    try {
      const { build: changed, sections } = restrictBuild(build);
      restricted++;
      open.push(...sections.filter(one => one.verdict === null).map(one => one.section));
      return changed;
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      failure = error;
      open.push(`all of "${build.name}"`);
      return build;
    }
  });
  if (restricted === 0)
    throw (
      failure ?? new LabError('BPFLAB_POD_FILTER', 'There is no BPF cell whose skeleton could be restricted to pods.')
    );
  return { builds: result, open };
}

/**
 * Keeps the filter's maps of what a process of the run loads filled with the cgroups of the chosen pods, until the run ends. Until a map is
 * filled, a few hundredths of a second after it was made, it lets nothing pass.
 *
 * @param where - the run; its process may be started afterwards
 * @param selection - the pods
 * @param filter - what is filled
 * @param filter.map - name of the maps as the kernel has it
 * @param filter.open - what cannot be restricted, for the words that are said
 * @returns the cgroups of now, by node
 * @throws LabError BPFLAB_POD_UNKNOWN when no container of the pods runs on these nodes
 */
export async function restrictProcess(
  where: RestrictedRun,
  selection: PodSelection,
  filter: { map: string; open: readonly string[] }
): Promise<GroupsByNode> {
  const { run, context } = where;
  const maps = new FilterMaps(run, filter.map);
  const { here, groups } = await followGroups(where, selection, wanted => maps.set(wanted));
  let looks = 0;
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    timer = setTimeout(() => void maps.look().then(next, ifGone), looks++ < QUICK_LOOKS ? QUICK_LOOK_MS : LOOK_MS);
    timer.unref();
  };
  next();
  void run.ended.then(() => clearTimeout(timer));
  say(context, describeRestriction(here, filter.open), 'stderr');
  return groups;
}

/** The run, its map or its target ended between two looks. */
function ifGone(error: unknown): void {
  if (!(error instanceof LabError)) throw error;
}
