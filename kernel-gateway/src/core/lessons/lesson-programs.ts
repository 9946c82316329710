import type { SourceFile } from './lesson-source.js';
import { annotatedOptions } from './read-annotations.js';

/**
 * A program of a lesson. `make`: its folder's Makefile makes kernel and user part; `user`: both are cells; `bpf`: there is no
 * user part; `bpftrace` and `bcc` are scripts. `files` has its own file first, then the headers that it includes in quotes.
 */
export interface LessonProgram {
  kind: 'make' | 'user' | 'bpf' | 'bpftrace' | 'bcc';
  /** File name without its ending; what a README calls it. */
  name: string;
  /** The same as a cell's name: letters, digits and `_`. */
  cellName: string;
  file: SourceFile;
  userFile: SourceFile | null;
  headers: SourceFile[];
  /** Options of its cell, such as `--ifname lo`. */
  options: string[];
}

const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*"([\w./+-]+)"/gm;

/** Name of a cell: what is no letter, digit or `_` becomes `_`. */
export function cellNameOf(text: string): string {
  const name = text.replace(/\W/g, '_').slice(0, 60);
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`.slice(0, 60);
}

/** Headers of the lesson that a file includes in quotes, those that they include in turn first. */
function headersOf(file: SourceFile, files: readonly SourceFile[]): SourceFile[] {
  const byPath = new Map(files.map(each => [each.path, each]));
  const found: SourceFile[] = [];
  const seen = new Set([file.path]);
  const visit = (from: SourceFile): void => {
    const folder = from.path.slice(0, from.path.lastIndexOf('/') + 1);
    for (const [, name = ''] of from.text.matchAll(INCLUDE)) {
      const header = byPath.get(folder + name) ?? byPath.get(name);
      if (!header || seen.has(header.path) || /(^|\/)vmlinux\.h$|\.skel\.h$/.test(header.path)) continue;
      seen.add(header.path);
      visit(header);
      found.push(header);
    }
  };
  visit(file);
  return found;
}

const isTop = (path: string): boolean => !path.includes('/');

/** What `ending` a file at the top of the folder has taken off its name; null for others. */
const stem = (path: string, ending: string): string | null =>
  isTop(path) && path.endsWith(ending) ? path.slice(0, -ending.length) : null;

/** Applications that a Makefile's lines `APPS = a b` name. */
export function appsOf(makefile: string): string[] {
  return [...makefile.matchAll(/^\s*(?:BPF_|BZS_)?APPS\s*[:+?]?=\s*([^#\n]*)/gm)]
    .flatMap(([, names = '']) => names.split(/\s+/))
    .filter(name => /^[\w.+-]+$/.test(name));
}

/** The programs of a lesson's folder, in the order of their files; `only` keeps those of these names. */
export function lessonPrograms(files: readonly SourceFile[], only: readonly string[] | null): LessonProgram[] {
  const hasMakefile = files.some(file => file.path === 'Makefile');
  const programs = files.flatMap(file => bpfProgram(file, files, hasMakefile) ?? scriptProgram(file, files) ?? []);
  return programs.filter(({ name }) => only === null || only.includes(name));
}

function bpfProgram(file: SourceFile, files: readonly SourceFile[], hasMakefile: boolean): LessonProgram | null {
  const name = stem(file.path, '.bpf.c');
  if (name === null) return null;
  const userFile = files.find(({ path }) => path === `${name}.c`) ?? null;
  const kind = userFile ? (hasMakefile ? 'make' : 'user') : 'bpf';
  const headers = headersOf(file, files);
  const more = userFile ? headersOf(userFile, files).filter(header => !headers.includes(header)) : [];
  const options = kind === 'bpf' ? annotatedOptions(file.text) : [];
  return { kind, name, cellName: cellNameOf(name), file, userFile, headers: [...headers, ...more], options };
}

function scriptProgram(file: SourceFile, files: readonly SourceFile[]): LessonProgram | null {
  const script = { file, userFile: null, headers: [], options: [] };
  const trace = stem(file.path, '.bt');
  if (trace !== null) return { kind: 'bpftrace', name: trace, cellName: cellNameOf(trace), ...script };
  const python = stem(file.path, '.py');
  if (python === null || !/^\s*(from|import) bcc\b/m.test(file.text)) return null;
  const beside = files.filter(({ path }) => isTop(path) && path.endsWith('.c') && file.text.includes(path));
  return { kind: 'bcc', name: python, cellName: cellNameOf(python), ...script, headers: beside };
}

/** Whether an application runs until somebody ends it. */
export function isEndlessProgram(program: LessonProgram): boolean {
  const text = program.userFile?.text ?? '';
  return /\bwhile\s*\(\s*(1|true|!\s*\w*(exit|stop|done)\w*|(keep_)?running)\s*\)|for\s*\([^;()]*;\s*;[^()]*\)|SIGINT/.test(
    text
  );
}
