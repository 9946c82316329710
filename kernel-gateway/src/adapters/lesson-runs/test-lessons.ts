import { join } from 'node:path';
import type { Toolchain } from '../../core/index.js';
import { isReleaseOf } from '../../core/language/is-release-of.js';
import { kernelsInOrder } from '../../core/lesson-runs/best-verdict.js';
import type { LessonProgram, ProgramResult, Verdict } from '../../core/lesson-runs/lesson-program.js';
import { LabError } from '../../protocol/index.js';
import type { LabSession } from '../session/lab-session.js';
import type { NotebookPlace } from '../session/user-file.js';
import { interruptible } from './interruptible.js';
import { buildProgram, type BuiltProgram } from './lesson-builds.js';
import { judgePrograms } from './lesson-preflight.js';
import { notebookOf, runLesson } from './run-lesson.js';

/** What a test of lessons is done with. */
export interface LessonLab {
  toolchain: Toolchain;
  /** Releases that are installed. */
  kernels: readonly string[];
  defaultKernel: string;
  newSession: (session: { id: string; folder: string; notebook?: () => NotebookPlace | null }) => LabSession;
}

/** Told while the test goes on. */
export type LessonTestEvent = { kind: 'step'; text: string } | { kind: 'result'; result: ProgramResult };

/** What is tested, and who hears of it. */
export interface LessonTest {
  programs: readonly LessonProgram[];
  /** Empty folder for sessions. */
  folder: string;
  /** A release, `all`, or null: for each program the first kernel that can run it. */
  kernel: string | null;
  signal: AbortSignal;
  /** Before anything of a lesson is loaded. */
  onVerdicts: (verdicts: { name: string; lesson: string; verdicts: Verdict[] }[]) => Promise<void>;
  onEvent: (event: LessonTestEvent) => void;
}

/** As many at a time as a small machine bears. */
const PARALLEL = 2;

/** A program that was built, and what each kernel will do with it: in the order of `kernelsInOrder`. */
export interface JudgedProgram {
  built: BuiltProgram;
  verdicts: Verdict[];
}

/** Builds all and judges all; nothing of a lesson is loaded. */
export async function judgeLessons(
  lab: LessonLab,
  test: Pick<LessonTest, 'programs' | 'folder' | 'kernel' | 'signal' | 'onEvent'>
): Promise<JudgedProgram[]> {
  const { programs, folder, signal, onEvent } = test;
  const kernels = chooseKernels(lab, test.kernel);
  onEvent({ kind: 'step', text: `Building ${programs.length} programs …` });
  const builds = await inParallel(programs, (program, index) =>
    buildProgram(lab.toolchain, program, { folder: join(folder, `s${index}`), signal })
  );
  onEvent({ kind: 'step', text: `Asking ${kernels.length} kernels …` });
  const judged: JudgedProgram[] = builds.map(built => ({ built, verdicts: [] }));
  for (const kernel of kernels) {
    const verdicts = await judgeOn(lab, kernel, { builds, folder: join(folder, 'ask'), signal });
    verdicts.forEach((verdict, index) => judged[index]?.verdicts.push(verdict));
  }
  return judged;
}

/** Judges all, then runs all; resolves with a result for each program, and for each kernel with `all`. */
export async function testLessons(lab: LessonLab, test: LessonTest): Promise<ProgramResult[]> {
  const { onEvent } = test;
  const judged = await judgeLessons(lab, test);
  await test.onVerdicts(
    judged.map(({ built, verdicts }) => ({ name: built.program.name, lesson: built.program.lesson, verdicts }))
  );
  onEvent({ kind: 'step', text: 'Running …' });
  // One program's kernels come one after another: its sessions share a folder, which each of them clears at its end.
  const results = await inParallel(judged, async ({ built, verdicts }, index) => {
    const said: ProgramResult[] = [];
    for (const verdict of chosenVerdicts(verdicts, test.kernel)) {
      const result = await runOne(lab, built, { verdict, id: `lesson-${index}-${said.length}`, signal: test.signal });
      onEvent({ kind: 'result', result });
      said.push(result);
    }
    return said;
  });
  return results.flat();
}

async function judgeOn(
  lab: LessonLab,
  kernel: string,
  { builds, folder, signal }: { builds: readonly BuiltProgram[]; folder: string; signal: AbortSignal }
): Promise<Verdict[]> {
  const session = await sessionOn(lab, kernel, { id: `ask-${kernel.replaceAll(/\W/g, '-')}`, folder, signal });
  try {
    return await judgePrograms(await session.connection(), builds);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return builds.map(() => ({ kernel, runs: false, reason: error.message }));
  } finally {
    await session.close();
  }
}

function chooseKernels(lab: LessonLab, wanted: string | null): string[] {
  const all = kernelsInOrder(lab.kernels, lab.defaultKernel);
  if (wanted === null || wanted === 'all') return all;
  const named = all.filter(release => isReleaseOf(release, wanted)).slice(0, 1);
  if (named.length === 0) throw new LabError('BPFLAB_CONFIG_OPTION', `No kernel "${wanted}" is installed.`);
  return named;
}

function chosenVerdicts(verdicts: readonly Verdict[], kernel: string | null): Verdict[] {
  if (kernel === 'all') return [...verdicts];
  const best = verdicts.find(verdict => verdict.runs) ?? verdicts[0];
  return best === undefined ? [] : [best];
}

async function sessionOn(
  lab: LessonLab,
  kernel: string,
  { signal, ...options }: { id: string; folder: string; notebook?: () => NotebookPlace | null; signal: AbortSignal }
): Promise<LabSession> {
  const session = lab.newSession(options);
  try {
    const cell = { text: `%target vm --kernel ${kernel}`, cellId: '' };
    const outcome = await interruptible(session, signal).execute(cell, () => undefined);
    if (outcome.kind === 'failed') throw new LabError('BPFLAB_TARGET_START', outcome.message);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function runOne(
  lab: LessonLab,
  built: BuiltProgram,
  { verdict, id, signal }: { verdict: Verdict; id: string; signal: AbortSignal }
): Promise<ProgramResult> {
  const { name, lesson } = built.program;
  const known = {
    name,
    lesson,
    kernel: verdict.kernel,
    compiled: built.object !== null || built.built,
    built: built.built,
    preflight: verdict.runs ? ('runs' as const) : ('cannot' as const)
  };
  const nothing = { ...known, attached: false, output: '', leftovers: 0, ran: false };
  if (!built.built) return { ...nothing, reason: verdict.reason || built.reason };
  const notebook = (): NotebookPlace => notebookOf(built);
  const session = await sessionOn(lab, verdict.kernel, { id, folder: built.folder, notebook, signal });
  try {
    const { attached, output, left, reason } = await runLesson(interruptible(session, signal), built);
    const leftText = left.length === 0 ? '' : `left in the kernel: ${left.join(', ')}`;
    const said = verdict.runs || attached ? reason : verdict.reason || reason;
    const isScript = built.program.form === 'script';
    return {
      ...{ ...known, ...(isScript ? { compiled: attached, built: attached } : {}) },
      ...{ attached, output, leftovers: left.length },
      ran: attached && output !== '',
      reason: said || leftText
    };
  } finally {
    await session.close();
  }
}

/** Does the work for each item, some at a time, in their order. */
async function inParallel<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}
