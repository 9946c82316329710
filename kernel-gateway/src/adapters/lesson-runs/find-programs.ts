import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { appNames } from '../../core/lesson-runs/app-names.js';
import type { LessonProgram } from '../../core/lesson-runs/lesson-program.js';
import { surroundingsOf } from '../../core/lesson-runs/surroundings-of.js';
import { findScripts } from './find-scripts.js';

/** Folders of Rust and other build trees that hold no lesson of their own. */
const SKIPPED = new Set(['.git', '.output', 'node_modules', 'target', 'tests', 'third_party', 'vmlinux.h', 'xpu']);
const MAX_DEPTH = 6;

/**
 * The programs of all lessons below a folder, in the order of their paths. A lesson is a folder with `X.bpf.c` and a README.md
 * or a Makefile with `APPS`, or one with scripts (see `findScripts`); a folder inside of a lesson is not another one.
 */
export async function findPrograms(root: string): Promise<LessonProgram[]> {
  const found: LessonProgram[] = [];
  await walk(root, root, found, 0);
  return found;
}

async function walk(root: string, folder: string, found: LessonProgram[], depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = new Set(entries.filter(entry => entry.isFile()).map(entry => entry.name));
  const programs = await programsOf(folder, files);
  if (programs.length > 0) {
    const lesson = await lessonName(root, folder);
    const formOf = ({ name, form }: (typeof programs)[number]): LessonProgram['form'] =>
      surroundingsOf(lesson, name).form ?? form;
    found.push(...programs.map(program => ({ ...program, form: formOf(program), lesson, folder })));
    return;
  }
  const scripts = await findScripts(folder, files);
  if (scripts.length > 0) {
    const form = 'script' as const;
    found.push(...scripts.map(script => ({ ...script, form, folder, lesson: script.lesson ?? basename(folder) })));
    return;
  }
  const folders = entries.filter(entry => entry.isDirectory() && !SKIPPED.has(entry.name)).map(entry => entry.name);
  const byNumber = new Intl.Collator('en', { numeric: true });
  for (const name of depth < MAX_DEPTH ? folders.sort(byNumber.compare) : []) {
    await walk(root, join(folder, name), found, depth + 1);
  }
}

async function programsOf(folder: string, files: ReadonlySet<string>): Promise<Pick<LessonProgram, 'name' | 'form'>[]> {
  const sides = [...files].filter(name => name.endsWith('.bpf.c')).map(name => name.slice(0, -'.bpf.c'.length));
  if (sides.length === 0) return [];
  const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => '');
  const apps = files.has('Makefile') ? appNames(await text('Makefile')) : null;
  const readme = files.has('README.md') ? await text('README.md') : null;
  if (apps === null && readme === null) return [];
  const programs = (apps ?? []).filter(name => files.has(`${name}.c`)).map(name => ({ name, form: 'app' as const }));
  const isApp = (name: string): boolean => programs.some(program => program.name === name);
  // A kernel side that no application has belongs to the lesson when its Makefile or its text says so.
  const isTold = (name: string): boolean => apps?.includes(name) === true || isOwnProgram(name, readme);
  const alone = sides.filter(name => !isApp(name) && (files.size === 1 || isTold(name)));
  return [...programs, ...alone.sort().map(name => ({ name, form: 'kernel' as const }))];
}

/** Named in the text as something that is compiled or run, not as the stub of another machine's interface. */
const isOwnProgram = (name: string, readme: string | null): boolean =>
  readme !== null && name !== 'stub' && (readme.includes(name) || readme.includes('.bpf.c'));

/** The folder's name; that of the repository for a folder such as `examples/c` whose README is at the top. */
async function lessonName(root: string, folder: string): Promise<string> {
  const own = await readdir(folder);
  if (own.includes('README.md')) return basename(folder);
  for (let place = dirname(folder); place.startsWith(root); place = dirname(place)) {
    if ((await readdir(place)).includes('README.md')) return basename(place);
    if (place === root) break;
  }
  return relative(root, folder).split(sep)[0] || basename(folder);
}
