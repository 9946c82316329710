import { LabError } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';

/** `%stop [NAME…]`: ends runs by id or name (the newest of that name); without words, all. */
export async function stopMagic(context: CellContext, names: readonly string[]): Promise<void> {
  const { core } = context;
  const live = core.liveRuns().filter(run => run.cellId !== context.cellId);
  const runs = names.length === 0 ? live : names.map(name => liveRun(context, name));
  if (runs.length === 0) {
    say(context, 'Nothing was running; all runs are stopped.');
    return;
  }
  await Promise.all(runs.map(run => core.stop(run.id, 'stopped by %stop')));
  say(context, runs.map(run => `Stopped ${run.id}.`).join('\n'));
}

function liveRun(context: CellContext, name: string): { id: string } {
  const run = context.core.liveRuns().findLast(one => one.id === name || one.name === name);
  if (run === undefined) {
    throw new LabError('BPFLAB_RUN_UNKNOWN', `There is no run "${name}" that is alive.`);
  }
  return run;
}
