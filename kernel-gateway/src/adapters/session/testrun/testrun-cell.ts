import { testRunText } from '../../../core/packet/testrun-text.js';
import { parsePackets } from '../../../core/packet/parse-packets.js';
import type { CellOutcome, CellSpec } from '../../../core/index.js';
import { errorTable, LabError, Mime, type TestRunBundle, type TestRunCase } from '../../../protocol/index.js';
import type { CellContext } from '../cell-context.js';
import { clockMhz } from './clock-rate.js';
import { findTestProgram } from './find-program.js';
import { runPacket, type TestRun } from './run-packet.js';

type TestRunSpec = Extract<CellSpec, { kind: 'testrun' }>;

/**
 * `%%testrun`: runs a loaded program on each packet of the cell and shows what it made of them. Nothing is sent anywhere:
 * the kernel calls the program on bytes. What was run before a packet that the kernel refuses is shown.
 */
export async function runTestRunCell(context: CellContext, spec: TestRunSpec): Promise<CellOutcome> {
  const { core, signal } = context;
  const target = core.targets.nameFor(spec.target);
  const packets = parsePackets(spec.body, spec.bodyLine);
  const { run, program, kind } = findTestProgram(core, spec.program, target);
  const test: TestRun = {
    run,
    program: program.name,
    kind,
    repeat: kind.canRepeat ? spec.repeat : 1,
    mhz: await clockMhz(run.connection)
  };
  const bundle: TestRunBundle = {
    version: 1,
    program: program.name,
    run: run.id,
    program_type: program.type,
    target,
    kernel_release: run.connection.hello.kernel_release,
    repeat: test.repeat,
    cases: [],
    notes: notesOf(test, spec)
  };
  try {
    for (const packet of packets) {
      if (signal.aborted) throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.');
      bundle.cases.push(await runPacket(test, packet));
    }
  } finally {
    if (bundle.cases.length > 0) showTestRun(context, bundle);
  }
  return outcomeOf(bundle.cases);
}

function notesOf(test: TestRun, spec: TestRunSpec): string[] {
  const cannot = spec.repeat > 1 && !test.kind.canRepeat;
  return [
    ...(cannot ? ['the kernel runs programs of this type once; --repeat has no effect'] : []),
    ...(test.repeat === 1 && test.kind.canRepeat
      ? ['one run, with cold caches; --repeat 1000 gives a steady time']
      : [])
  ];
}

function showTestRun(context: CellContext, bundle: TestRunBundle): void {
  const { core, cellId } = context;
  const displayId = `${core.options.id}/testrun/${cellId}/${Math.round(core.now())}`;
  const data = { [Mime.testrun]: bundle, 'text/plain': testRunText(bundle) };
  core.outputs.show({ kind: 'display', displayId, data, update: false });
}

function outcomeOf(cases: readonly TestRunCase[]): CellOutcome {
  const wrong = cases.filter(one => !one.as_expected);
  const [first] = wrong;
  if (first === undefined) return { kind: 'ok' };
  const name = first.name === '' ? `packet ${cases.indexOf(first) + 1}` : `"${first.name}"`;
  const more = wrong.length > 1 ? `; ${wrong.length} of ${cases.length} packets came out otherwise than expected` : '';
  return {
    kind: 'failed',
    code: 'BPFLAB_TESTRUN_EXPECTED',
    message: `The verdict on ${name} is ${first.verdict}, not ${first.expect}${more}.`,
    hint: errorTable.BPFLAB_TESTRUN_EXPECTED.hint,
    details: ''
  };
}
