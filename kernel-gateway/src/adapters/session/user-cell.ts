import type { CellOutcome, CellSpec } from '../../core/index.js';
import { beginRun, failRun } from './begin-run.js';
import { showCompileFailure } from './bpf-cell.js';
import { say, type CellContext } from './cell-context.js';
import { placeFile } from './place-file.js';
import { runBeside, runToEnd } from './process-cell.js';
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
  const compiled = await core.options.toolchain.compileUser(request, [...core.builds.values()], signal);
  if (compiled.kind === 'compile-failed') {
    return showCompileFailure(context, spec, compiled);
  }
  for (const item of compiled.build.warnings) {
    say(context, `line ${item.line}:${item.column}: ${item.severity}: ${item.message}`, 'stderr');
  }
  const start = { name: spec.name, cell: 'user', target: options.target, eventLimit: options.events } as const;
  const run = await beginRun(context, start);
  try {
    const file = { path: `.bpflab/${run.id}/${spec.name}`, bytes: compiled.build.executable, mode: 0o755 };
    const program = await placeFile(run.connection, file);
    const argv = [...core.options.labCommand(core.targets.nameFor(options.target), program), ...spec.args];
    const timingUs = { compile: Math.round(compiled.build.compileMs * 1000), load: 0, attach: 0 };
    core.dispatch({ op: 'describe_run', run: run.id, facts: { timingUs } });
    watchInventory(core, run);
    const isBeside = spec.background && options.forMs === null && !options.wait && options.events === null;
    const stdin = await readCellStdin(context, spec.stdin);
    const request = { argv, stdin, title: spec.name, what: `"${spec.name}"`, forMs: options.forMs, hasCard: true };
    return isBeside ? await runBeside(context, run, request) : await runToEnd(context, run, request);
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}
