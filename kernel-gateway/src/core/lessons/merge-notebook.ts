import type { HashText, LessonNotebook, LessonNotebookCell } from './lesson-notebook.js';
import type { CellOrigin } from './lesson-source.js';
import { fenced, folded, lessonTexts } from './lesson-texts.js';
import { lineDiff } from './line-diff.js';

/** What an import did to a notebook that was there. Ids of cells. */
export interface MergeReport {
  updated: string[];
  added: string[];
  removed: string[];
  /** Changed by the learner and by the lesson: the learner's text stayed. */
  conflicts: string[];
}

type Imported = CellOrigin & { source_hash: string };

const originOf = (cell: LessonNotebookCell): Imported | null => {
  const lesson = (cell.metadata['bpflab'] as { lesson?: Imported } | undefined)?.lesson;
  return typeof lesson?.source_hash === 'string' ? lesson : null;
};

interface Ours {
  language?: string;
  imported?: string[];
  source?: { commit?: string | null };
}

const ours = (notebook: LessonNotebook): Ours => (notebook.metadata['bpflab'] as Ours | undefined) ?? {};

const commitOf = (notebook: LessonNotebook): string | null => ours(notebook).source?.commit ?? null;

/**
 * A lesson's new version and the notebook that a learner has of the old one, put together cell by cell: what the learner did
 * not touch becomes new, what they edited, ran or added stays, what they removed stays removed. Cells are the same when their
 * ids are; untouched when the hash of their text is that of the import. What changed is said in a cell behind the first.
 */
export function mergeNotebook(
  mine: LessonNotebook,
  fresh: LessonNotebook,
  hash: HashText
): { notebook: LessonNotebook; report: MergeReport } {
  const report: MergeReport = { updated: [], added: [], removed: [], conflicts: [] };
  const { language = 'en' } = ours(fresh);
  const merge = {
    fresh: new Map(fresh.cells.map(cell => [cell.id, cell])),
    known: new Set(ours(mine).imported ?? []),
    report,
    hash,
    language
  };
  const base = mine.cells.filter(cell => originOf(cell)?.role !== 'change');
  const cells = base.flatMap(cell => mergeCell(cell, merge));
  insertNew(cells, fresh.cells, { ...merge, mine: new Set(base.map(({ id }) => id)) });
  const { updated, added, removed, conflicts } = report;
  const isChanged = updated.length + added.length + removed.length + conflicts.length > 0;
  if (!isChanged && commitOf(mine) === commitOf(fresh)) return { notebook: { ...mine, cells: base }, report };
  const at = cells.findIndex(cell => originOf(cell)?.role === 'provenance') + 1;
  if (isChanged) cells.splice(at, 0, changeCell(report, merge, base));
  return { notebook: { ...mine, metadata: { ...mine.metadata, bpflab: fresh.metadata['bpflab'] }, cells }, report };
}

interface Merge {
  fresh: Map<string, LessonNotebookCell>;
  known: Set<string>;
  report: MergeReport;
  hash: HashText;
  language: string;
}

function mergeCell(cell: LessonNotebookCell, merge: Merge): LessonNotebookCell[] {
  const origin = originOf(cell);
  if (!origin) return [cell];
  const { report, hash, language } = merge;
  const next = merge.fresh.get(cell.id);
  const isEdited = hash(cell.source) !== origin.source_hash;
  if (!next) {
    if (isEdited || (cell.outputs ?? []).length > 0) return [cell];
    report.removed.push(cell.id);
    return [];
  }
  if (originOf(next)?.source_hash === origin.source_hash) return [cell];
  if (!isEdited) {
    if (origin.role !== 'provenance') report.updated.push(cell.id);
    return [{ ...next, ...resultsOf(cell) }];
  }
  report.conflicts.push(cell.id);
  const metadata = { ...cell.metadata, bpflab: next.metadata['bpflab'] };
  const said = folded(lessonTexts(language).upstream, fenced('diff', lineDiff(cell.source, next.source)));
  return [{ ...cell, metadata }, noteCell(`${cell.id.slice(0, 11)}u`, said, hash)];
}

/** What a run has left in a cell. */
function resultsOf({ cell_type, outputs, execution_count }: LessonNotebookCell): Partial<LessonNotebookCell> {
  return cell_type === 'code' ? { outputs: outputs ?? [], execution_count: execution_count ?? null } : {};
}

/** New cells go behind the one that is before them in the lesson. */
function insertNew(
  cells: LessonNotebookCell[],
  fresh: readonly LessonNotebookCell[],
  { mine, known, report }: Merge & { mine: Set<string> }
): void {
  let before = -1;
  for (const cell of fresh) {
    const at = cells.findIndex(({ id }) => id === cell.id);
    if (at >= 0) before = at;
    else if (!mine.has(cell.id) && !known.has(cell.id)) {
      before++;
      cells.splice(before, 0, cell);
      report.added.push(cell.id);
    }
  }
}

function noteCell(id: string, source: string, hash: HashText): LessonNotebookCell {
  return {
    cell_type: 'markdown',
    id,
    metadata: { bpflab: { lesson: { role: 'change', source_hash: hash(source) } } },
    source
  };
}

/** The list of what an import changed, with the difference of each cell. */
function changeCell(
  report: MergeReport,
  { fresh, hash, language }: Merge,
  mine: readonly LessonNotebookCell[]
): LessonNotebookCell {
  const texts = lessonTexts(language);
  const before = new Map(mine.map(cell => [cell.id, cell.source]));
  const diffs = [...report.updated, ...report.conflicts, ...report.added, ...report.removed].slice(0, 40).map(id => {
    const diff = lineDiff(before.get(id) ?? '', fresh.get(id)?.source ?? '');
    return diff.split('\n').slice(0, 60).join('\n');
  });
  const { updated, added, removed, conflicts } = report;
  const counts = `~${updated.length} +${added.length} −${removed.length} ⚠${conflicts.length}`;
  const source = folded(`${texts.changed} (${counts})`, fenced('diff', diffs.join('\n\n')));
  return noteCell('lessonchange', source, hash);
}
