import { closestName } from '../../../core/cells/closest-name.js';
import { testRunKind, testRunTypes, type TestRunKind } from '../../../core/packet/verdict.table.js';
import type { RunRecord } from '../../../core/session/session-state.js';
import { LabError, type LoadedProgram } from '../../../protocol/index.js';
import type { LiveRun } from '../live-run.js';
import { loadedPrograms, type LoadedOfRun } from '../loaded-programs.js';
import type { SessionCore } from '../session-core.js';

/** A loaded program that can be test-run. */
export interface TestProgram {
  record: RunRecord;
  run: LiveRun;
  program: LoadedProgram;
  kind: TestRunKind;
}

const names = (programs: readonly LoadedOfRun[]): string =>
  [...new Set(programs.map(({ program }) => program.name))].join(', ');

function unknown(wanted: string, programs: readonly LoadedOfRun[]): LabError {
  if (programs.length === 0) return new LabError('BPFLAB_TESTRUN_PROGRAM', 'No program is loaded.');
  const near = closestName(
    wanted,
    programs.map(({ program }) => program.name)
  );
  const guess = near === null ? `there are ${names(programs)}` : `is it "${near}"`;
  return new LabError('BPFLAB_TESTRUN_PROGRAM', `No program "${wanted}" is loaded; ${guess}.`);
}

/**
 * The program that a `%%testrun` cell means: by its name, as `RUN.PROGRAM` where two runs have one, or the only one that can
 * be test-run.
 *
 * @throws LabError BPFLAB_TESTRUN_PROGRAM
 */
export function findTestProgram(core: SessionCore, name: string, target: string): TestProgram {
  const programs = loadedPrograms(core, target);
  if (name !== '') {
    const found = programs.find(
      ({ record, program }) => program.name === name || `${record.name}.${program.name}` === name
    );
    if (found === undefined) throw unknown(name, programs);
    const kind = testRunKind(found.program.type);
    if (kind !== undefined) return { ...found, kind };
    const message = `"${name}" is of type ${found.program.type}, and the kernel test-runs only ${testRunTypes.join(', ')}.`;
    throw new LabError('BPFLAB_TESTRUN_PROGRAM', message);
  }
  const able = programs.flatMap(one => {
    const kind = testRunKind(one.program.type);
    return kind === undefined ? [] : [{ ...one, kind }];
  });
  const distinct = able.filter((one, index) => able.findIndex(two => two.program.name === one.program.name) === index);
  // Tracing programs can be run, but who writes a packet means the one that takes it.
  const takers = distinct.filter(one => one.kind.packet !== null);
  const [only, ...others] = takers.length > 0 ? takers : distinct;
  if (only === undefined) {
    const loaded =
      programs.length === 0
        ? 'No program is loaded.'
        : `Of the loaded programs (${names(programs)}) none can be test-run.`;
    throw new LabError('BPFLAB_TESTRUN_PROGRAM', loaded);
  }
  if (others.length > 0) {
    const message = `Several programs can be test-run: ${names([only, ...others])}. Name one.`;
    throw new LabError('BPFLAB_TESTRUN_PROGRAM', message);
  }
  return only;
}
