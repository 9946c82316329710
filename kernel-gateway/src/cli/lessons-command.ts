import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { makeOwnFolder } from '../adapters/install/own-folder.js';
import { findPrograms } from '../adapters/lesson-runs/find-programs.js';
import {
  judgeLessons,
  testLessons,
  type LessonLab,
  type LessonTestEvent
} from '../adapters/lesson-runs/test-lessons.js';
import { verdictText } from '../core/lesson-runs/best-verdict.js';
import type { LessonProgram, ProgramResult } from '../core/lesson-runs/lesson-program.js';
import { plainTable } from '../core/session/plain-table.js';
import { createLab } from '../lab.js';
import { LabError } from '../protocol/index.js';
import { errorStatus, ExitStatus } from './exit-status.js';

interface TestOptions {
  json?: true;
  only: string[];
  kernel?: string;
  verdicts?: string;
}

/** `bpflab lessons test [DIR]`: runs the programs of lessons; see docs/reference/cli.md. */
export function lessonsCommand(): Command {
  const several = (value: string, before: string[]): string[] => [...before, value];
  const lessons = new Command('lessons').description('looks at imported lessons and clones of their repositories');
  lessons
    .command('test')
    .description('builds and runs every program of the lessons in a folder, each on a kernel that can run it')
    .argument('[dir]', 'folder of lessons', '.')
    .option('--json', 'prints { "programs": [ … ] }')
    .option('--only <name>', 'only this lesson or program; may be repeated', several, [])
    .option('--kernel <release>', 'this kernel, or all: every program on every kernel that is installed')
    .option('--verdicts <file>', 'where preflight writes what it expects, before anything is loaded')
    .action(async (dir: string, options: TestOptions) => {
      process.exitCode = await test(resolve(dir), options);
    });
  lessons
    .command('preflight')
    .description(
      'says of every program of the lessons in a folder which kernels run it, and what is missing; loads nothing'
    )
    .argument('[dir]', 'folder of lessons', '.')
    .option('--json', 'prints { "programs": [ … ] }')
    .option('--only <name>', 'only this lesson or program; may be repeated', several, [])
    .action(async (dir: string, options: Pick<TestOptions, 'json' | 'only'>) => {
      process.exitCode = await preflightAll(resolve(dir), options);
    });
  return lessons;
}

async function preflightAll(dir: string, options: Pick<TestOptions, 'json' | 'only'>): Promise<number> {
  try {
    const programs = await programsIn(dir, options.only);
    const judged = await withLab((lab, folder, signal) =>
      judgeLessons(lab, { programs, folder, kernel: null, signal, onEvent: tell })
    );
    const said = judged.map(({ built, verdicts }) => ({
      ...{ name: built.program.name, lesson: built.program.lesson },
      ...{ preflight: verdictText(verdicts), verdicts }
    }));
    const rows = said.map(({ lesson, name, preflight }) => [`${lesson}/${name}`, preflight]);
    const text = plainTable(['PROGRAM', 'PREFLIGHT'], rows);
    process.stdout.write(`${options.json === true ? JSON.stringify({ programs: said }) : text}\n`);
    return judged.every(({ verdicts }) => verdicts.some(one => one.runs)) ? ExitStatus.ok : ExitStatus.failed;
  } catch (error) {
    return refuse(error);
  }
}

async function test(dir: string, options: TestOptions): Promise<number> {
  try {
    const programs = await programsIn(dir, options.only);
    const results = await runAll(programs, options);
    process.stdout.write(options.json === true ? `${JSON.stringify({ programs: results })}\n` : table(results));
    return results.every(result => result.ran) ? ExitStatus.ok : ExitStatus.failed;
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): number {
  const { code, message, hint } = error as LabError;
  const status = errorStatus(error);
  console.error(`${code}: ${message}\n${hint}`);
  return status;
}

async function programsIn(dir: string, only: readonly string[]): Promise<LessonProgram[]> {
  if (!(await stat(dir).catch(() => null))?.isDirectory()) {
    throw new LabError('BPFLAB_CONFIG_OPTION', `There is no folder "${dir}".`);
  }
  const found = await findPrograms(dir);
  const programs = found.filter(
    ({ name, lesson }) => only.length === 0 || only.some(one => one === name || one === lesson)
  );
  if (programs.length === 0) throw new LabError('BPFLAB_CONFIG_OPTION', `"${dir}" has no lesson with a program.`);
  return programs;
}

function runAll(programs: readonly LessonProgram[], options: TestOptions): Promise<ProgramResult[]> {
  return withLab((lab, folder, signal) =>
    testLessons(lab, {
      ...{ programs, folder, kernel: options.kernel ?? null, signal },
      onVerdicts: verdicts => writeVerdicts(options.verdicts, verdicts),
      onEvent: tell
    })
  );
}

/** Lab, folder and end of signals belong to the work, and end with it. */
async function withLab<T>(work: (lab: LessonLab, folder: string, signal: AbortSignal) => Promise<T>): Promise<T> {
  const lab = createLab();
  const folder = await makeOwnFolder('lessons');
  const ends = new AbortController();
  const onEnd = (): void => ends.abort();
  process.on('SIGINT', onEnd);
  process.on('SIGTERM', onEnd);
  try {
    const { kernels, default_kernel: defaultKernel } = lab.installed;
    const parts = { toolchain: lab.toolchain, kernels: kernels.map(kernel => kernel.release), defaultKernel };
    return await work({ ...parts, newSession: session => lab.newSession(session) }, folder, ends.signal);
  } finally {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
    process.off('SIGINT', onEnd);
    process.off('SIGTERM', onEnd);
  }
}

async function writeVerdicts(file: string | undefined, verdicts: unknown): Promise<void> {
  if (file === undefined) return;
  await mkdir(join(resolve(file), '..'), { recursive: true });
  await writeFile(`${file}.part`, `${JSON.stringify(verdicts, null, 1)}\n`);
  await rename(`${file}.part`, file);
}

function tell(event: LessonTestEvent): void {
  if (event.kind === 'step') {
    console.error(event.text);
    return;
  }
  const { result } = event;
  const state = result.ran ? 'ran' : result.attached ? 'no output' : 'did not run';
  console.error(
    `${result.lesson}/${result.name} on ${result.kernel}: ${state}${result.reason && ` — ${result.reason}`}`
  );
}

function table(results: readonly ProgramResult[]): string {
  const yes = (value: boolean): string => (value ? 'yes' : 'no');
  const rows = results.map(one => [
    `${one.lesson}/${one.name}`,
    one.kernel,
    yes(one.compiled),
    yes(one.built),
    one.preflight,
    yes(one.attached),
    yes(one.ran),
    String(one.leftovers),
    one.reason
  ]);
  const head = ['PROGRAM', 'KERNEL', 'COMPILES', 'BUILDS', 'PREFLIGHT', 'ATTACHED', 'RAN', 'LEFT', 'REASON'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const count = (is: (one: ProgramResult) => boolean): number => results.filter(is).length;
  const sum = `${results.length} programs: ${count(one => one.compiled)} compile, ${count(one => one.attached)} attach, ${count(one => one.ran)} show what they promise.`;
  return `${[head, ...rows].map(line).join('\n')}\n\n${sum}\n`;
}
