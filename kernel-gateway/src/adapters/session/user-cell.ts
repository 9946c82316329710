import type { CellOutcome, CellSpec, RunOptions } from '../../core/index.js';
import { FILTER_MAP } from '../../core/pod-filter/filter-object.js';
import { beginRun, failRun } from './begin-run.js';
import { showCompileFailure } from './bpf-cell.js';
import { say, type CellContext } from './cell-context.js';
import { placeFile } from './place-file.js';
import { runBeside, runToEnd } from './process-cell.js';
import { restrictBuilds, restrictProcess } from './restrict-process.js';
import { targetOfPods } from './restrict-to-pods.js';
import { readCellStdin } from './read-cell-stdin.js';
import { watchInventory } from './watch-inventory.js';

/**
 * `%%user`: a whole libbpf application. What it loads is found through the target's inventory, and its maps get views with
 * the types of the session's BPF cells; its rings are its own, since a ring has one consumer.
 */
export async function runUserCell(
  context: CellContext,
  spec: Extract<CellSpec, { kind: 'user' }>
): Promise<CellOutcome> {
  const { core, signal } = context;
  const { options } = spec;
  const request = {
    name: spec.name,
    body: spec.body,
    bodyLine: spec.bodyLine,
    pristine: true,
    sessionFolder: core.options.folder
  };
  const builds = [...core.builds.values()];
  const { builds: loaded, open } = options.pods === null ? { builds, open: [] } : restrictBuilds(builds);
  const compiled = await core.options.toolchain.compileUser(request, loaded, signal);
  if (compiled.kind === 'compile-failed') {
    return showCompileFailure(context, spec, compiled);
  }
  for (const item of compiled.build.warnings) {
    say(context, `line ${item.line}:${item.column}: ${item.severity}: ${item.message}`, 'stderr');
  }
  const named = core.targets.nameFor(options.target);
  const target = options.pods === null ? named : await targetOfPods(context, options.pods, named);
  const loadsItself = { open: options.pods === null ? null : open };
  const start = { name: spec.name, cell: 'user', target, eventLimit: options.events, loadsItself } as const;
  const run = await beginRun(context, start);
  try {
    const file = { path: `.bpflab/${run.id}/${spec.name}`, bytes: compiled.build.executable, mode: 0o755 };
    const program = await placeFile(run.connection, file);
    const argv = [...core.options.labCommand(target, program), ...spec.args];
    core.timeRun(run.id, { compile: Math.round(compiled.build.compileMs * 1000), load: 0, attach: 0 });
    if (options.pods !== null) {
      await restrictProcess({ context, run }, options.pods, { map: FILTER_MAP, open });
    }
    watchInventory(core, run);
    const isBeside = spec.background && !isWaiting(options);
    const stdin = await readCellStdin(context, spec.stdin);
    const request = { argv, stdin, title: spec.name, what: `"${spec.name}"`, forMs: options.forMs, hasCard: true };
    return isBeside ? await runBeside(context, run, request) : await runToEnd(context, run, request);
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}

/** Whether the cell has words that make it wait for the end of its run. */
const isWaiting = ({ forMs, wait, events }: RunOptions): boolean => forMs !== null || wait || events !== null;
