import { helpText } from '../../core/cells/help.js';
import type { CellOutcome, CellSpec } from '../../core/index.js';
import { say, type CellContext } from './cell-context.js';
import { runBccCell } from './bcc-cell.js';
import { runBpfCell } from './bpf-cell.js';
import { runBpftraceCell } from './bpftrace-cell.js';
import { compareKernels } from './compare-kernels.js';
import { runDeployCell } from './deploy-cell.js';
import { runFileCell } from './file-cell.js';
import { runInsnCell } from './insn-cell.js';
import { runKubectlCell } from './kubectl-cell.js';
import { runLine } from './magics/run-line.js';
import { runMakeCell } from './make-cell.js';
import { runShCell } from './sh-cell.js';
import { runTestRunCell } from './testrun/testrun-cell.js';
import { runUserCell } from './user-cell.js';

type RunKind<K extends CellSpec['kind']> = (
  context: CellContext,
  spec: Extract<CellSpec, { kind: K }>
) => CellOutcome | Promise<CellOutcome>;

const runKinds: { [K in CellSpec['kind']]: RunKind<K> } = {
  empty: () => ({ kind: 'ok' }),
  help: (context, { magic }) => {
    say(context, helpText(magic));
    return { kind: 'ok' };
  },
  lines: async (context, { magics }) => {
    for (const magic of magics) await runLine(context, magic);
    return { kind: 'ok' };
  },
  file: runFileCell,
  bpf: runBpfCell,
  user: runUserCell,
  make: runMakeCell,
  bcc: runBccCell,
  insn: runInsnCell,
  sh: runShCell,
  bpftrace: runBpftraceCell,
  testrun: runTestRunCell,
  kubectl: runKubectlCell,
  deploy: runDeployCell
};

/** Does what a cell says, by its kind. */
export async function runSpec<K extends CellSpec['kind']>(
  context: CellContext,
  spec: Extract<CellSpec, { kind: K }>
): Promise<CellOutcome> {
  const run: RunKind<K> = runKinds[spec.kind];
  const isCompared = 'options' in spec && spec.options.kernels !== null;
  if (isCompared) return compareKernels(context, spec, (own, cell) => runSpec(own, cell));
  return run(context, spec);
}
