import { join } from 'node:path';
import type { Verdict } from '../../core/lesson-runs/lesson-program.js';
import { LabError } from '../../protocol/index.js';
import { installedReleases } from '../install/installed-releases.js';
import { ContentsRoot } from '../jupyter/contents/contents-root.js';
import { findPrograms } from '../lesson-runs/find-programs.js';
import { buildProgram, type BuiltProgram } from '../lesson-runs/lesson-builds.js';
import { judgePrograms } from '../lesson-runs/lesson-preflight.js';
import { onOtherKernel } from './on-other-kernel.js';
import type { SessionCore } from './session-core.js';

/** The programs that are judged. */
interface Lesson {
  /** Beside the notebook; empty: the notebook's own. */
  folder: string;
  /** Of a folder with many programs only that of this name, where there is one. */
  only: string | null;
  signal: AbortSignal;
}

/** A program, and what kernels make of it: the target's own first, then others until one runs it. */
export interface JudgedName {
  name: string;
  verdicts: Verdict[];
}

/**
 * Builds the programs of a lesson and says of each whether the session's target runs it, which installed kernel does, or what is missing.
 * Nothing is loaded.
 *
 * @throws LabError BPFLAB_CELL_OPTION when there is no program, and what the target's start may throw
 */
export async function judgeLesson(core: SessionCore, lesson: Lesson): Promise<JudgedName[]> {
  const { signal } = lesson;
  const builds = await buildsOf(core, lesson);
  const target = core.targets.nameFor(null);
  const own = await judgePrograms(await core.targets.connection(target, signal), builds);
  const verdicts = own.map(verdict => [verdict]);
  for (const kernel of otherKernels(core, own[0]?.kernel ?? '')) {
    const open = verdicts.flatMap((said, index) => (said.some(one => one.runs) ? [] : [index]));
    if (open.length === 0) break;
    const asked = open.flatMap(index => builds[index] ?? []);
    const said = await onOtherKernel(core, kernel, signal, connection => judgePrograms(connection, asked));
    open.forEach((index, place) => verdicts[index]?.push(...said.slice(place, place + 1)));
  }
  return builds.map(({ program }, index) => ({ name: program.name, verdicts: verdicts[index] ?? [] }));
}

/** Programs of the lesson's folder; where it has none, what the session has compiled. */
async function buildsOf(core: SessionCore, { folder, only, signal }: Lesson): Promise<BuiltProgram[]> {
  const found = await findPrograms(await placeOf(core, folder));
  const named = found.filter(program => program.name === only);
  const programs = named.length > 0 ? named : found;
  const builds: BuiltProgram[] = [];
  for (const program of programs) {
    builds.push(await buildProgram(core.options.toolchain, program, { folder: core.options.folder, signal }));
  }
  if (builds.length === 0 && folder === '') builds.push(...compiled(core));
  if (builds.length > 0) return builds;
  throw new LabError('BPFLAB_CELL_OPTION', `%preflight: there is no program in "${folder || '.'}".`, {
    hint: 'Name the folder of a lesson, or run the cells of the programs first.'
  });
}

const compiled = (core: SessionCore): BuiltProgram[] =>
  [...core.builds.values()].map(object => ({
    program: { name: object.name, lesson: '', folder: core.options.folder, form: 'kernel' },
    folder: core.options.folder,
    object,
    built: true,
    reason: ''
  }));

async function placeOf(core: SessionCore, folder: string): Promise<string> {
  const notebook = core.options.notebook();
  if (notebook === null) return join(core.options.folder, folder);
  const root = await ContentsRoot.at(notebook.root);
  const here = notebook.path.split('/').slice(0, -1);
  return (await root.existing([...here, ...(folder === '' ? [] : [folder])].join('/'))).absolute;
}

function otherKernels(core: SessionCore, own: string): string[] {
  if (core.options.findProvider('vm') === null) return [];
  return installedReleases().filter(release => release !== own);
}
