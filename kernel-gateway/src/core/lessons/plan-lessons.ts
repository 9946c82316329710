import type { ReadmePiece } from './lesson-source.js';
import { normalizePath } from './normalize-path.js';

/** What a repository is, by its content. */
export type RepositoryKind = 'tutorial' | 'bootstrap' | 'programs' | 'bpftrace' | 'bcc';

/** A text of a lesson. `section`: only the part under the heading that names the program; null: all of it. */
export interface LessonText {
  language: string;
  path: string;
  section: string | null;
}

/** One lesson of a repository, before its files are read. `title` is empty when its text has to say it. */
export interface LessonPlan {
  id: string;
  name: string;
  title: string;
  group: string;
  folder: string;
  texts: LessonText[];
  only: string[] | null;
}

/** What is known of a repository: all paths of its files, and its Markdown texts by path. */
export interface RepositoryTree {
  paths: readonly string[];
  texts: ReadonlyMap<string, string>;
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const joined = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
const README = /^README(?:[._-](?:zh|cn|zh[-_]CN))?\.md$/i;
/** Folders that hold other projects, or no lessons. */
const FOREIGN =
  /(^|\/)(\.[^/]+|third_party|vendor|node_modules|libbpf|bpftool|blazesym|vmlinux\.h|scripts|imgs|docs|tests?|build)(\/|$)/;

/** The lessons of a repository in the order of its course; empty when it has none. */
export function planLessons(tree: RepositoryTree): { kind: RepositoryKind; lessons: LessonPlan[] } | null {
  const summary = tree.paths.find(path => /(^|\/)SUMMARY\.md$/.test(path) && !FOREIGN.test(path));
  const own = tree.paths.filter(path => !FOREIGN.test(folderOf(path)));
  if (summary !== undefined) {
    const lessons = summaryLessons(summary, tree, own);
    if (lessons.length > 0) return { kind: 'tutorial', lessons };
  }
  const scripts = toolLessons(own, tree);
  const programs = programLessons(own, tree);
  if (programs.length === 0 && scripts.lessons.length === 0) return null;
  if (scripts.lessons.length > programs.length) return scripts;
  const isBootstrap = programs.filter(({ only }) => only !== null).length > 1;
  return { kind: isBootstrap ? 'bootstrap' : 'programs', lessons: [...programs, ...scripts.lessons] };
}

/** The texts of a folder: `README.md` and its translation. */
function textsOf(folder: string, paths: ReadonlySet<string>, section: string | null = null): LessonText[] {
  const en = ['README.md', 'readme.md', 'Readme.md'].map(name => joined(folder, name)).find(path => paths.has(path));
  const zh = ['README.zh.md', 'README_zh.md', 'README.zh-CN.md', 'README-zh.md', 'README_CN.md']
    .map(name => joined(folder, name))
    .find(path => paths.has(path));
  return [
    ...(en === undefined ? [] : [{ language: 'en', path: en, section }]),
    ...(zh === undefined ? [] : [{ language: 'zh', path: zh, section }])
  ];
}

const LINK = /\[([^\]]*)\]\(([^)\s#]+)[^)]*\)[ \t]*([^\n]*)/;

/** A course by its SUMMARY.md: a heading or a line such as `Networking:` is a group, a link to a README is a lesson. */
function summaryLessons(summary: string, tree: RepositoryTree, own: readonly string[]): LessonPlan[] {
  const paths = new Set(tree.paths);
  const root = folderOf(summary);
  const lessons: LessonPlan[] = [];
  let group = '';
  for (const line of (tree.texts.get(summary) ?? '').split('\n')) {
    group = groupOf(line) ?? group;
    const link = LINK.exec(line);
    const target = link && normalizePath(joined(root, link[2]!));
    if (!target || !README.test(baseOf(target)) || !paths.has(target)) continue;
    const folder = folderOf(target);
    if (folder === root || lessons.some(lesson => lesson.id === folder)) continue;
    lessons.push(folderLesson(folder, { title: link[3]!.trim(), group, paths }));
  }
  return [...lessons, ...unlisted(root, { lessons, own, paths })];
}

const groupOf = (line: string): string | undefined =>
  (/^#{2,}\s+(.+?)\s*$/.exec(line) ?? /^([A-Z][\w ]{1,40}):\s*$/.exec(line))?.[1];

/** Folders with a README below the course's that it does not name, and that are no part of a lesson. */
function unlisted(
  root: string,
  { lessons, own, paths }: { lessons: LessonPlan[]; own: readonly string[]; paths: ReadonlySet<string> }
): LessonPlan[] {
  const known = lessons.map(({ folder }) => folder);
  const found: LessonPlan[] = [];
  const more = own
    .filter(path => baseOf(path) === 'README.md' && path.startsWith(root === '' ? '' : `${root}/`))
    .map(folderOf)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  for (const folder of more) {
    const isInside = known.some(each => folder === each || folder.startsWith(`${each}/`));
    if (isInside || folder === root) continue;
    known.push(folder);
    found.push(folderLesson(folder, { title: '', group: 'More', paths }));
  }
  return found;
}

function folderLesson(
  folder: string,
  { title, group, paths }: { title: string; group: string; paths: ReadonlySet<string> }
): LessonPlan {
  const name = baseOf(folder) || 'lesson';
  return { id: folder, name, title, group, folder, texts: textsOf(folder, paths), only: null };
}

/** Folders with X.bpf.c: one lesson with its own README, or one a program where a README above has a section for each. */
function programLessons(own: readonly string[], tree: RepositoryTree): LessonPlan[] {
  const paths = new Set(tree.paths);
  const folders = new Map<string, string[]>();
  for (const path of own) {
    const program = /^(.+)\.bpf\.c$/.exec(baseOf(path))?.[1];
    if (program !== undefined) folders.set(folderOf(path), [...(folders.get(folderOf(path)) ?? []), program]);
  }
  return [...folders].flatMap(([folder, programs]) => {
    const texts = textsOf(folder, paths);
    if (texts.length > 0 || programs.length === 1) return [folderLesson(folder, { title: '', group: '', paths })];
    const above = readmeAbove(folder, paths);
    const headings = above === null ? [] : headingsOf(tree.texts.get(above) ?? '');
    const inOrder = [...programs].sort((a, b) => rank(headings, a) - rank(headings, b));
    return inOrder.map(name => {
      const isTold = headings.includes(headingKey(name));
      const section = isTold && above !== null ? [{ language: 'en', path: above, section: name }] : [];
      return { id: joined(folder, name), name, title: name, group: folder, folder, texts: section, only: [name] };
    });
  });
}

const rank = (headings: readonly string[], name: string): number => {
  const at = headings.indexOf(headingKey(name));
  return at < 0 ? headings.length : at;
};

function readmeAbove(folder: string, paths: ReadonlySet<string>): string | null {
  for (let at = folder; at !== ''; at = folderOf(at)) {
    const path = joined(folderOf(at), 'README.md');
    if (paths.has(path)) return path;
  }
  return null;
}

const headingKey = (text: string): string => text.toLowerCase().replace(/[`*]/g, '').trim().replace(/\W+/g, '_');

const headingsOf = (text: string): string[] =>
  [...text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(match => headingKey(match[1]!));

/** The pieces under the heading that names a program, up to the next heading of its level. */
export function sectionPieces(pieces: readonly ReadmePiece[], name: string): ReadmePiece[] {
  const depth = (piece: ReadmePiece): number =>
    piece.kind === 'text' && piece.isHeading ? (/^\s*(#+)/.exec(piece.raw)?.[1]?.length ?? 1) : 0;
  const start = pieces.findIndex(piece => depth(piece) > 0 && headingsOf(piece.raw.trim())[0] === headingKey(name));
  if (start < 0) return [];
  const level = depth(pieces[start]!);
  const length = pieces.slice(start + 1).findIndex(piece => depth(piece) > 0 && depth(piece) <= level);
  return pieces.slice(start, length < 0 ? undefined : start + 1 + length);
}

/** Scripts that are tools by themselves: bpftrace's `tools/X.bt`, bcc's `tools/X.py`, each with an example of its output. */
function toolLessons(own: readonly string[], tree: RepositoryTree): { kind: RepositoryKind; lessons: LessonPlan[] } {
  const paths = new Set(tree.paths);
  const scripts = own.filter(path => /(^|\/)(tools|examples)(\/|$)/.test(folderOf(path)) && /\.(bt|py)$/.test(path));
  const lessons = scripts
    .filter(path => !paths.has(joined(folderOf(path), 'README.md')) && !/\/(old|lib)\//.test(path))
    .map(path => {
      const name = baseOf(path).replace(/\.(bt|py)$/, '');
      const folder = folderOf(path);
      const example = [`${name}_example.txt`, `${name}-example.txt`]
        .map(each => joined(folder, each))
        .find(each => paths.has(each));
      const texts = example === undefined ? [] : [{ language: 'en', path: example, section: null }];
      return { id: joined(folder, name), name, title: name, group: folder, folder, texts, only: [name] };
    });
  return {
    kind: scripts.filter(path => path.endsWith('.bt')).length * 2 > scripts.length ? 'bpftrace' : 'bcc',
    lessons
  };
}
