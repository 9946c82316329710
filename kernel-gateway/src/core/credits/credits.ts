/** What of a workspace came from elsewhere: read from the provenance that `bpflab import` leaves in notebooks and courses. */
import { creditCourseSchema, creditNotebookSchema, type CreditNotebook } from '../../protocol/index.js';
import { parseJson } from '../decode/parse-json.js';

/** A work of somebody else's in a file of the workspace. Texts are empty where it is not stated. */
export interface Credit {
  /** File of the workspace, `/` between names. */
  file: string;
  /** Cells of the notebook that are of it; 0: the file itself. */
  cells: number;
  repository: string;
  commit: string;
  /** Path in the repository. */
  path: string;
  license: string;
}

/** A notebook or `course.json` as text; `file` is its path in the workspace. */
export interface CreditFile {
  file: string;
  text: string;
}

/** The credits of a workspace, by file. What cannot be read has none. */
export function readCredits(files: readonly CreditFile[]): Credit[] {
  const notebooks = files.flatMap(({ file, text }) => {
    const read = file.endsWith('.ipynb') ? creditNotebookSchema.safeParse(parseJson(text)) : null;
    return read?.success === true ? [{ file, notebook: read.data }] : [];
  });
  // A cell that was pasted into another notebook is known again by the hash of its text as it was imported.
  const byHash = new Map<string, Omit<Credit, 'file' | 'cells'>>();
  for (const { notebook } of notebooks) {
    for (const { metadata } of notebook.cells) {
      const hash = metadata.bpflab?.lesson?.source_hash;
      const work = workOf(notebook, metadata.bpflab?.lesson?.file);
      if (hash !== undefined && work !== null) byHash.set(hash, work);
    }
  }
  const credits = [
    ...notebooks.flatMap(({ file, notebook }) => [
      ...creditOfFork(file, notebook),
      ...creditsOfNotebook(file, notebook, byHash)
    ]),
    ...files.flatMap(creditsOfCourse)
  ];
  return credits.sort((a, b) => compare(a.file, b.file) || compare(a.path, b.path));
}

/** The list as a page of Markdown. */
export function creditsMarkdown(credits: readonly Credit[]): string {
  if (credits.length === 0) return '# Credits\n\nNothing here says that it came from elsewhere.\n';
  const parts = [...new Set(credits.map(({ repository }) => repository))].sort().map(repository => {
    const rows = credits.filter(credit => credit.repository === repository).map(rowOf);
    return [
      `## ${repository || 'Source not stated'}`,
      '',
      '| In this work | Cells | From | Commit | Licence |',
      '| --- | --- | --- | --- | --- |',
      ...rows
    ].join('\n');
  });
  return `${['# Credits', ...parts].join('\n\n')}\n`;
}

function rowOf({ file, cells, path, commit, license }: Credit): string {
  const texts = [file, cells === 0 ? 'file' : String(cells), path, commit.slice(0, 12), license || 'not stated'];
  return `| ${texts.map(text => text.replace(/[\s|]+/g, ' ').trim()).join(' | ')} |`;
}

/** The work that a cell of a notebook is of: a file of the lesson with its own licence, or the lesson's text. */
function workOf({ metadata }: CreditNotebook, file: string | undefined): Omit<Credit, 'file' | 'cells'> | null {
  const { source, files = [] } = metadata.bpflab ?? {};
  if (source === undefined) return null;
  const folder = source.path.replace(/[^/]*$/, '');
  const license = files.find(one => one.path === file)?.spdx || source.license;
  const path = file === undefined ? source.path : `${folder}${file}`;
  return { repository: source.repository, commit: source.commit ?? '', path, license };
}

/** A notebook that somebody showed is theirs as a whole. */
function creditOfFork(file: string, { metadata, cells }: CreditNotebook): Credit[] {
  const address = metadata.bpflab?.forked_from?.address;
  if (address === undefined) return [];
  return [{ file, cells: cells.length, repository: address, commit: '', path: '', license: '' }];
}

function creditsOfNotebook(
  file: string,
  notebook: CreditNotebook,
  byHash: ReadonlyMap<string, Omit<Credit, 'file' | 'cells'>>
): Credit[] {
  const found = new Map<string, Credit>();
  for (const { metadata } of notebook.cells) {
    const origin = metadata.bpflab?.lesson;
    if (origin === undefined) continue;
    const unknown = { repository: '', commit: '', path: origin.file ?? '', license: '' };
    const work = workOf(notebook, origin.file) ?? byHash.get(origin.source_hash ?? '') ?? unknown;
    const key = `${work.repository} ${work.path}`;
    found.set(key, { ...work, file, cells: (found.get(key)?.cells ?? 0) + 1 });
  }
  return [...found.values()];
}

function creditsOfCourse({ file, text }: CreditFile): Credit[] {
  if (!/(^|\/)course\.json$/.test(file)) return [];
  const read = creditCourseSchema.safeParse(parseJson(text));
  if (!read.success) return [];
  const { repository, commit, license, files } = read.data;
  const folder = file.replace(/course\.json$/, '');
  return Object.keys(files).map(path => ({
    ...{ file: `${folder}${path}`, cells: 0, repository, commit: commit ?? '', path, license }
  }));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
