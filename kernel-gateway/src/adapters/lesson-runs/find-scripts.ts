import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LessonProgram } from '../../core/lesson-runs/lesson-program.js';
import { lessonCells } from '../../core/lessons/lesson-cells.js';
import { lessonPrograms } from '../../core/lessons/lesson-programs.js';
import type { SourceFile } from '../../core/lessons/lesson-source.js';
import { readmePieces } from '../lessons/readme-pieces.js';

/** A text with fewer commands of bpftrace is about something else. */
const LEAST_COMMANDS = 3;
const SCRIPT = /\.(bt|py|c)$/;

type Script = Pick<LessonProgram, 'name' | 'cells'> & { lesson: string | null };

/**
 * The scripts of a folder: tools of bpftrace (`X.bt`) and of bcc (`X.py`) where no README tells of the folder, whose lesson is
 * named after their language; or the one-liners of a README, numbered, whose lesson is the folder's (null).
 */
export async function findScripts(folder: string, files: ReadonlySet<string>): Promise<Script[]> {
  if (files.has('README.md')) return oneLiners(await readFile(join(folder, 'README.md'), 'utf8'));
  const names = [...files].filter(name => SCRIPT.test(name)).sort();
  if (!names.some(name => !name.endsWith('.c'))) return [];
  const sources: SourceFile[] = [];
  for (const path of names) sources.push({ path, text: await readFile(join(folder, path), 'utf8') });
  return lessonPrograms(sources, null).flatMap(({ kind, name, cellName, file, headers }) => {
    if (kind !== 'bpftrace' && kind !== 'bcc') return [];
    const head = kind === 'bpftrace' ? `%%bpftrace ${cellName}` : '%%bcc';
    const beside = headers.map(({ path, text }) => `%%file ${path}\n${text}`);
    return [{ name, lesson: kind, cells: [...beside, `${head}\n${file.text}`] }];
  });
}

/** The commands of a README that are bpftrace's, in their order. */
function oneLiners(readme: string): Script[] {
  const source = { id: '', title: '', language: 'en', folder: '', readme: 'README.md', files: [], only: null };
  const cells = lessonCells({ ...source, pieces: readmePieces(readme) });
  const commands = cells.filter(({ origin }) => origin.role === 'command' && /^bpftrace\s/.test(origin.original ?? ''));
  if (commands.length < LEAST_COMMANDS) return [];
  return commands.map((cell, index) => ({ name: String(index + 1), lesson: null, cells: [cell.source] }));
}
