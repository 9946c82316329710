import { describe, expect, it } from 'vitest';
import { lessonNotebook, type LessonNotebook } from './lesson-notebook.js';
import { mergeNotebook } from './merge-notebook.js';
import type { SourceFile } from './lesson-source.js';

const hash = (text: string): string =>
  [...text]
    .reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 0, 7)
    .toString(16)
    .padStart(12, '0');
const file = (path: string, text: string): SourceFile => ({ path, text });

function importOf(files: SourceFile[], commit: string): LessonNotebook {
  const provenance = { repository: 'r', commit, license: 'MIT', importedOn: '2026-01-01', tool: '1' };
  const lesson = { id: 'a', title: 'A', language: 'en', folder: 'a', readme: 'a/README.md', pieces: [], only: null };
  return structuredClone(lessonNotebook({ ...lesson, files }, { provenance, needs: {} }, hash));
}
const cellOf = (notebook: LessonNotebook, text: string): LessonNotebook['cells'][number] =>
  notebook.cells.find(({ source, cell_type }) => cell_type === 'code' && source.includes(text))!;

describe('importing again', () => {
  const first = [file('one.bpf.c', 'int one;'), file('two.bpf.c', 'int two;')];

  it('changes nothing when nothing changed', () => {
    const mine = importOf(first, 'c1');
    cellOf(mine, 'one').outputs = [{ output_type: 'stream' }];
    const { notebook, report } = mergeNotebook(mine, importOf(first, 'c1'), hash);
    expect(notebook).toEqual(mine);
    expect(report).toEqual({ updated: [], added: [], removed: [], conflicts: [] });
  });

  it('updates what was not touched, keeps outputs, and says what changed', () => {
    const mine = importOf(first, 'c1');
    cellOf(mine, 'one').outputs = [{ output_type: 'stream' }];
    const { notebook, report } = mergeNotebook(mine, importOf([file('one.bpf.c', 'long one;'), first[1]!], 'c2'), hash);
    expect(cellOf(notebook, 'one')).toMatchObject({
      source: '%%bpf one\nlong one;',
      outputs: [{ output_type: 'stream' }]
    });
    expect(report).toMatchObject({ updated: [cellOf(notebook, 'one').id], conflicts: [] });
    expect(notebook.cells[1]!.source).toMatch(/What this import changed[\s\S]*-int one;[\s\S]*\+long one;/);
    expect(notebook.metadata['bpflab']).toMatchObject({ source: { commit: 'c2' } });
  });

  it('keeps the text of the learner where both changed, and shows what the lesson has now', () => {
    const mine = importOf(first, 'c1');
    cellOf(mine, 'one').source = '%%bpf one\nint mine_one;';
    const fresh = importOf([file('one.bpf.c', 'long one;'), first[1]!], 'c2');
    const { notebook, report } = mergeNotebook(mine, fresh, hash);
    expect(cellOf(notebook, 'mine_one').source).toBe('%%bpf one\nint mine_one;');
    expect(report.conflicts).toHaveLength(1);
    const again = mergeNotebook(notebook, fresh, hash);
    expect(again.report.conflicts).toEqual([]);
    expect(cellOf(again.notebook, 'mine_one')).toBeDefined();
  });

  it('adds what is new at its place, and keeps cells of the learner', () => {
    const mine = importOf(first, 'c1');
    mine.cells.splice(-1, 0, { cell_type: 'code', id: 'own', metadata: {}, source: '%maps' });
    const fresh = importOf([first[0]!, file('one_more.bpf.c', 'int more;'), first[1]!], 'c2');
    const { notebook, report } = mergeNotebook(mine, fresh, hash);
    const sources = notebook.cells
      .filter(({ cell_type }) => cell_type === 'code')
      .map(({ source }) => source.split('\n')[0]);
    expect(sources).toEqual(['%%bpf one', '%%bpf one_more', '%maps', '%%bpf two']);
    expect(report.added).toHaveLength(1);
  });

  it('removes what the lesson no longer has, but not what was run; what was removed stays so', () => {
    const mine = importOf(first, 'c1');
    cellOf(mine, 'one').outputs = [{ output_type: 'stream' }];
    mine.cells = mine.cells.filter(cell => cell !== cellOf(mine, 'two'));
    expect(mergeNotebook(mine, importOf(first, 'c2'), hash).report.added).toEqual([]);
    const { notebook, report } = mergeNotebook(importOf(first, 'c1'), importOf([], 'c2'), hash);
    expect(report.removed.length).toBeGreaterThanOrEqual(2);
    expect(cellOf(notebook, 'one')).toBeUndefined();
    expect(cellOf(mergeNotebook(mine, importOf([], 'c2'), hash).notebook, 'one')).toBeDefined();
  });
});
