import { insnLoader } from '../../core/cells/insn-loader.js';
import { insnListing } from '../../core/disassemble/insn-listing.js';
import type { CellOutcome, CellSpec } from '../../core/index.js';
import { beginRun, failRun } from './begin-run.js';
import { showCompileFailure } from './bpf-cell.js';
import { say, type CellContext } from './cell-context.js';
import { placeFile } from './place-file.js';
import { runToEnd } from './process-cell.js';

type InsnSpec = Extract<CellSpec, { kind: 'insn' }>;

/** `%%insn`: assembles, shows each instruction with its bytes, and loads them by the bare bpf() call on the target. */
export async function runInsnCell(context: CellContext, spec: InsnSpec): Promise<CellOutcome> {
  const { core, signal } = context;
  const { toolchain, folder } = core.options;
  const request = {
    name: spec.name,
    body: spec.body,
    bodyLine: spec.bodyLine,
    pristine: true,
    sessionFolder: folder
  };
  const assembled = await toolchain.assemble(request, signal);
  if (assembled.kind === 'compile-failed') {
    return showCompileFailure(context, spec, assembled);
  }
  const { bytes, helperName } = assembled.build;
  say(context, insnListing(bytes, helperName));
  const { name, type, license } = spec;
  const loader = { ...request, name: `load_${name}`, body: insnLoader({ name, type, license, bytes }), bodyLine: 1 };
  const compiled = await toolchain.compileUser(loader, [], signal);
  if (compiled.kind === 'compile-failed') {
    throw new Error(`The loader does not compile: ${compiled.raw}`);
  }
  const start = { name, cell: 'user', target: spec.target, eventLimit: null, loadsItself: { open: null } } as const;
  const run = await beginRun(context, start);
  try {
    const file = { path: `.bpflab/${run.id}/load`, bytes: compiled.build.executable, mode: 0o755 };
    const program = await placeFile(run.connection, file);
    const argv = core.options.labCommand(core.targets.nameFor(spec.target), program);
    const process = { argv, stdin: new Uint8Array(0), title: name, what: `"${name}"`, forMs: null, hasCard: false };
    return refused(await runToEnd(context, run, process), name);
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}

/** The loader's status 2 is the kernel's refusal, which is printed with the whole log. */
function refused(outcome: CellOutcome, name: string): CellOutcome {
  if (outcome.kind !== 'failed' || outcome.code !== 'BPFLAB_CELL_COMMAND_FAILED') {
    return outcome;
  }
  const message = `The kernel refused the instructions of "${name}".`;
  const hint = "Read the verifier's log above; its numbers are those of the instructions.";
  return { ...outcome, code: 'BPFLAB_VERIFIER_REJECTED', message, hint };
}
