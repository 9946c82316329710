import type { CellOutcome, CellSpec } from '../../core/index.js';
import { beginRun, failRun, type RunStart } from './begin-run.js';
import type { CellContext } from './cell-context.js';
import { placeFile } from './place-file.js';
import { runBeside, runToEnd } from './process-cell.js';
import { readCellStdin } from './read-cell-stdin.js';
import { watchInventory } from './watch-inventory.js';

/** What bcc's compiler and the headers take, with a tracer beside. */
const MEMORY_MIB = 768;
const NO_HEADERS = 3;
const SCRIPT = `[ -d "/lib/modules/$(uname -r)/build" ] || exit ${NO_HEADERS}; exec python3 -u "$@"`;

/** `%%bcc`: a Python program with bcc, compiled on the target by the headers of its kernel. */
export async function runBccCell(context: CellContext, spec: Extract<CellSpec, { kind: 'bcc' }>): Promise<CellOutcome> {
  const { core } = context;
  const { options } = spec;
  await core.targets.provideMemory(core.targets.nameFor(options.target), MEMORY_MIB);
  const start: RunStart = {
    ...{ name: 'bcc', cell: 'user', target: options.target, eventLimit: null },
    loadsItself: { open: null }
  };
  const run = await beginRun(context, start);
  try {
    const bytes = new TextEncoder().encode(`${spec.body}\n`);
    const file = await placeFile(run.connection, { path: `.bpflab/${run.id}.py`, bytes, mode: 0o644 });
    watchInventory(core, run);
    const stdin = await readCellStdin(context, spec.stdin);
    const argv = ['bash', '-c', SCRIPT, 'bcc', file, ...spec.args];
    const cell = { argv, stdin, title: 'bcc', what: 'The program', forMs: options.forMs, hasCard: true };
    return spec.background ? await runBeside(context, run, cell) : withHeaders(await runToEnd(context, run, cell));
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}

function withHeaders(outcome: CellOutcome): CellOutcome {
  const isHeaders = outcome.kind === 'failed' && outcome.message.includes(`with status ${NO_HEADERS}.`);
  if (!isHeaders) return outcome;
  const message = "The target has no headers of its kernel, which bcc's compiler wants.";
  return { ...outcome, code: 'BPFLAB_IMAGE_MISSING', message, hint: 'Run npx bpflab image add kernel-headers once.' };
}
