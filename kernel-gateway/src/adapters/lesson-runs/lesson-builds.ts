import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { explainMake } from '../../core/cells/make-failure.js';
import type { Build, Toolchain } from '../../core/index.js';
import type { LessonProgram } from '../../core/lesson-runs/lesson-program.js';
import type { LessonLayer } from '../../core/lesson-runs/surroundings.js';
import { surroundingsOf } from '../../core/lesson-runs/surroundings-of.js';
import { LabError } from '../../protocol/index.js';
import { bundledHeader } from '../toolchain/make-places.js';

/** A program as far as the compilers came with it. */
export interface BuiltProgram {
  program: LessonProgram;
  /** Folder of its session: sources of a kernel side, and the key under which make goes on. */
  folder: string;
  /** Its BPF object; null when it does not compile, or has none of its own. */
  object: Build | null;
  /** The application was linked; for a kernel side alone, as `object`. */
  built: boolean;
  /** Why not, one clause; empty when all is there. */
  reason: string;
}

/** Compiles a program as its lesson does. What the text is refused for is an outcome. */
export async function buildProgram(
  toolchain: Toolchain,
  program: LessonProgram,
  place: { folder: string; signal: AbortSignal }
): Promise<BuiltProgram> {
  // The target compiles a script when it runs.
  if (program.form === 'script') return { program, folder: place.folder, object: null, built: true, reason: '' };
  try {
    return program.form === 'app'
      ? await buildApp(toolchain, program, place)
      : await buildKernelSide(toolchain, program, place);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { program, folder: place.folder, object: null, built: false, reason: error.message };
  }
}

async function buildApp(
  toolchain: Toolchain,
  program: LessonProgram,
  { folder, signal }: { folder: string; signal: AbortSignal }
): Promise<BuiltProgram> {
  const request = { folder: program.folder, overlay: null, sessionFolder: folder };
  const outcome = await toolchain.make({ ...request, goals: goalsOf(program) }, signal);
  const objectName = program.name.replaceAll(/\W/g, '_');
  if (outcome.kind === 'built') {
    const { objects } = outcome.build;
    const object = objects.find(one => one.name === objectName) ?? objects[0] ?? null;
    return { program, folder, object, built: true, reason: '' };
  }
  const { layer } = surroundingsOf(program.lesson, program.name);
  const reason = layer === 'blazesym' ? layerLack(layer) : explainMake(outcome.output).cause;
  // The application may lack what its kernel side does not.
  const alone = await toolchain.make({ ...request, goals: [`.output/${program.name}.bpf.o`] }, signal);
  const object = alone.kind === 'built' ? alone.build.objects.find(one => one.name === objectName) : undefined;
  return { program, folder, object: object ?? null, built: false, reason };
}

/** Why a program cannot be built or run without a layer, a clause. */
export const layerLack = (layer: LessonLayer): string => `it needs ${layer}, which npx bpflab image add ${layer} adds`;

/** The program alone: a folder may have others that need what is not there. */
export const goalsOf = (program: LessonProgram): string[] => [
  ...(surroundingsOf(program.lesson, program.name).goals ?? [program.name])
];

async function buildKernelSide(
  toolchain: Toolchain,
  program: LessonProgram,
  { folder, signal }: { folder: string; signal: AbortSignal }
): Promise<BuiltProgram> {
  await copyHeaders(program.folder, folder);
  const body = await kernelText(program);
  const request = { name: cellName(program), body, bodyLine: 2, pristine: true, sessionFolder: folder };
  const outcome = await toolchain.compileBpf(request, signal);
  if (outcome.kind === 'built') return { program, folder, object: outcome.build, built: true, reason: '' };
  const first = outcome.items.find(item => item.severity === 'error');
  return { program, folder, object: null, built: false, reason: first?.message ?? 'the compiler refuses it' };
}

/** Text of a kernel side, as the cell of a notebook has it. */
export const kernelText = (program: LessonProgram): Promise<string> =>
  readFile(join(program.folder, `${program.name}.bpf.c`), 'utf8');

/** Name of the cell. */
export const cellName = (program: LessonProgram): string => program.name.replaceAll(/\W/g, '_');

/** The lesson's headers and the vmlinux.h of its repository become files of the session. */
async function copyHeaders(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const headers = (await readdir(from)).filter(name => name.endsWith('.h'));
  const bundled = await bundledHeader(from);
  const paths = [...headers.map(name => join(from, name)), ...(bundled === null ? [] : [join(bundled, 'vmlinux.h')])];
  for (const path of paths) await cp(path, join(to, basename(path)), { dereference: true });
}
