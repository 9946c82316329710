import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lessonFigures, readNeeds, type CourseLesson, type LessonFigures } from '../../core/lessons/course.js';
import { lessonCells } from '../../core/lessons/lesson-cells.js';
import { lessonNotebook, type LessonNotebook } from '../../core/lessons/lesson-notebook.js';
import type { LessonSource, ReadmePiece, SourceFile } from '../../core/lessons/lesson-source.js';
import { mergeNotebook, type MergeReport } from '../../core/lessons/merge-notebook.js';
import { sectionPieces, type LessonPlan, type LessonText } from '../../core/lessons/plan-lessons.js';
import { rewriteLinks } from '../../core/lessons/rewrite-links.js';
import { readTextIfThere, writeFileAtomic } from '../jupyter/state/atomic-file.js';
import { formatNotebook, parseNotebook } from '../jupyter/contents/notebook-file.js';
import { hashText } from './hash-text.js';
import type { ImportContext, ImportedLesson } from './import-context.js';
import type { LessonClone } from './lesson-clone.js';
import { readmePieces } from './readme-pieces.js';

/** Texts that lessons are made of. */
const SOURCE = /(^|\/)(Makefile|[^/]+\.(c|h|bt|py|sh|bpf|cpp|hpp|cc|rs|go|java|toml|mk|txt|json|ya?ml))$/;
const MOST_FILES = 400;

/** Path of a lesson's notebook in the course: in the lesson's folder, so that its files and pictures are beside it. */
function notebookPath(plan: LessonPlan, language: string): string {
  const name = `${plan.name}${language === 'en' ? '' : `.${language}`}.ipynb`;
  return plan.folder === '' ? name : `${plan.folder}/${name}`;
}

/** Writes a lesson's notebooks, one a language; adds the files of the clone that their texts link to. */
export async function importLesson(
  plan: LessonPlan,
  context: ImportContext,
  links: Set<string>
): Promise<{ lesson: ImportedLesson; entry: CourseLesson }> {
  const files = await lessonFiles(plan, context.clone);
  const needs = readNeeds((await context.clone.text(`${plan.folder}/.config`)) ?? '');
  const notebooks: Record<string, string> = {};
  const figures: Record<string, LessonFigures> = {};
  let title = plan.title;
  let change: MergeReport | null = null;
  for (const text of wantedTexts(plan, context.request.language)) {
    const pieces = await textPieces(plan, text, { context, links });
    const heading = /^\s*#\s+(.+)$/m.exec(
      pieces.find(piece => piece.kind === 'text' && piece.isHeading)?.raw ?? ''
    )?.[1];
    title ||= heading ?? plan.name;
    const { language, path } = text;
    const lesson: LessonSource = { ...plan, title, language, readme: path, pieces, files };
    const fresh = lessonNotebook(lesson, { provenance: context.provenance, needs }, hashText);
    figures[language] = lessonFigures(pieces, lessonCells(lesson));
    notebooks[language] = notebookPath(plan, language);
    change = (await writeNotebook(join(context.request.into, notebooks[language]), fresh)) ?? change;
  }
  const { id, group } = plan;
  return { lesson: { id, title, notebooks, figures, change }, entry: { id, title, group, notebooks, needs } };
}

/** The texts in the languages that are wanted; a lesson without any is a notebook of its files. */
function wantedTexts(plan: LessonPlan, language: 'en' | 'zh' | 'both'): LessonText[] {
  const wanted = plan.texts.filter(text => language === 'both' || text.language === language);
  if (wanted.length > 0) return wanted;
  return plan.texts.length > 0 ? plan.texts.slice(0, 1) : [{ language: 'en', path: '', section: null }];
}

async function textPieces(
  plan: LessonPlan,
  text: LessonText,
  { context, links }: { context: ImportContext; links: Set<string> }
): Promise<ReadmePiece[]> {
  const source = text.path === '' ? null : await context.clone.text(text.path);
  if (source === null) return [heading(plan, context, text.path)];
  if (text.path.endsWith('.txt')) {
    const example: ReadmePiece = {
      kind: 'fence',
      raw: `${'`'.repeat(6)}text\n${source}\n${'`'.repeat(6)}\n`,
      info: 'text',
      text: source
    };
    return [heading(plan, context, ''), example];
  }
  const all = readmePieces(source);
  const pieces = text.section === null ? all : sectionPieces(all, text.section);
  const places = {
    folder: dirname(text.path).replace(/^\.$/, ''),
    notebookFolder: plan.folder,
    repository: context.repository,
    notebookOf: (path: string) => notebookOf(path, context),
    has: (path: string) => context.clone.has(path)
  };
  return pieces.map(piece => {
    if (piece.kind === 'fence') return piece;
    const { raw, files } = rewriteLinks(piece.raw, places);
    for (const file of files) links.add(file);
    return { ...piece, raw };
  });
}

/** The title of a lesson without a text; for a text that was too large, where it is. */
function heading(plan: LessonPlan, { clone }: ImportContext, path: string): ReadmePiece {
  const file = clone.files.get(path);
  const size =
    file === undefined ? '' : `[${path}](${path.split('/').at(-1)}): ${(file.bytes / 2 ** 20).toFixed(1)} MiB\n\n`;
  return { kind: 'text', raw: `# ${plan.title || plan.name}\n\n${size}`, isHeading: true };
}

function notebookOf(path: string, { plans, request }: ImportContext): string | null {
  for (const plan of plans) {
    const text = plan.texts.find(each => each.path === path && each.section === null);
    if (text && (request.language === 'both' || text.language === request.language || plan.texts.length === 1))
      return notebookPath(plan, text.language);
  }
  return null;
}

/** The source files of a lesson: all below its folder, or those of one program of a folder that many share. */
async function lessonFiles(plan: LessonPlan, clone: LessonClone): Promise<SourceFile[]> {
  const prefix = plan.folder === '' ? '' : `${plan.folder}/`;
  const paths = [...clone.files.keys()].filter(path => path.startsWith(prefix) && SOURCE.test(path)).sort();
  const mine = paths.filter(path => plan.only === null || isOf(path.slice(prefix.length), plan.only));
  const files: SourceFile[] = [];
  for (const path of mine.slice(0, MOST_FILES)) {
    const text = await clone.text(path);
    if (text !== null) files.push({ path: path.slice(prefix.length), text });
  }
  return files;
}

/** Whether a file of a shared folder is one of these programs': by its name, or what all of them use. */
function isOf(path: string, names: readonly string[]): boolean {
  if (path.includes('/')) return false;
  if (path === 'Makefile') return true;
  const isHeader = path.endsWith('.h') && !path.endsWith('.bpf.h');
  return (
    names.some(name => path.startsWith(`${name}.`)) ||
    (isHeader && names.some(name => name.startsWith(path.replace(/\.h$/, '_'))))
  );
}

/** Writes a notebook, or brings the one that is there up to date; null for a new one. */
async function writeNotebook(path: string, fresh: LessonNotebook): Promise<MergeReport | null> {
  await mkdir(dirname(path), { recursive: true });
  const text = await readTextIfThere(path);
  if (text === null) {
    await writeFileAtomic(path, formatNotebook(fresh, path));
    return null;
  }
  const mine = parseNotebook(text, path) as unknown as LessonNotebook;
  const { notebook, report } = mergeNotebook(mine, fresh, hashText);
  const merged = formatNotebook(notebook, path);
  if (merged !== text) await writeFileAtomic(path, merged);
  return report;
}
