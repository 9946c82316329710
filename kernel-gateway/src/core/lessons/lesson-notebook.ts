import { notebookMetadata } from '../kernel/notebook-metadata.js';
import { lessonCells } from './lesson-cells.js';
import type { LessonCell, LessonSource, Provenance } from './lesson-source.js';
import { folded, lessonTexts } from './lesson-texts.js';
import { spdxOf } from './spdx-of.js';

/** A notebook of nbformat 4.5; the parts that the importer writes. Its source texts are one string each. */
export interface LessonNotebook {
  nbformat: 4;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: LessonNotebookCell[];
}

/** One cell of it. `metadata.bpflab.lesson` is a `CellOrigin` with `source_hash`, the hash of the source as it was imported. */
export interface LessonNotebookCell {
  cell_type: string;
  id: string;
  metadata: Record<string, unknown>;
  source: string;
  execution_count?: number | null;
  outputs?: unknown[];
}

/** Hex digest of a text. */
export type HashText = (text: string) => string;

/**
 * A lesson as a notebook. Ids of cells come from what the cells are, so that a later version of the lesson has the same ones
 * for the same cells. `needs` are the lesson's own facts about what it runs on (`.config` of a tutorial).
 */
export function lessonNotebook(
  lesson: LessonSource,
  from: { provenance: Provenance; needs: Record<string, string> },
  hash: HashText
): LessonNotebook {
  const all = [provenanceCell(lesson, from.provenance), ...lessonCells(lesson)];
  const cells = all
    .filter(({ source }) => source.trim() !== '')
    .map(cell => notebookCell(cell, hash(`${lesson.id} ${lesson.language} ${cell.key}`).slice(0, 12), hash));
  const files = lesson.files.map(({ path, text }) => ({ path, spdx: spdxOf(text) }));
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      ...notebookMetadata,
      bpflab: {
        lesson: lesson.id,
        language: lesson.language,
        source: { ...from.provenance, path: lesson.readme || lesson.folder },
        needs: from.needs,
        files,
        imported: cells.map(({ id }) => id)
      }
    },
    cells
  };
}

function notebookCell(cell: LessonCell, id: string, hash: HashText): LessonNotebookCell {
  const source = cell.type === 'markdown' ? cell.source.replace(/^\n+|\n+$/g, '') : cell.source;
  const metadata = { bpflab: { lesson: { ...cell.origin, source_hash: hash(source) } } };
  const base = { cell_type: cell.type, id, metadata, source };
  return cell.type === 'code' ? { ...base, execution_count: null, outputs: [] } : base;
}

const inCode = (text: string): string => `\`${text.replace(/[`\n]/g, ' ')}\``;

/** Says where the lesson is from, and which licence each of its files has. */
function provenanceCell(lesson: LessonSource, from: Provenance): LessonCell {
  const texts = lessonTexts(lesson.language);
  const commit = from.commit === null ? texts.noCommit : inCode(from.commit.slice(0, 12));
  const name = inCode(from.repository);
  const where = [name, commit, inCode(lesson.readme || lesson.folder || '.'), from.license || texts.notStated];
  const rows = lesson.files.map(
    ({ path, text }) => `| ${inCode(path)} | ${spdxOf(text) ? inCode(spdxOf(text)) : texts.notStated} |`
  );
  const summary = `${where.map(htmlCode).join(' · ')} · ${from.importedOn} · bpflab ${from.tool}`;
  const source = folded(summary, [texts.table, '| - | - |', ...rows].join('\n'));
  return { type: 'markdown', key: 'provenance', source, origin: { role: 'provenance' } };
}

/** Markdown's code marks as HTML's, for a line of HTML. */
const htmlCode = (text: string): string => {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(/^`(.*)`$/, '<code>$1</code>');
};
