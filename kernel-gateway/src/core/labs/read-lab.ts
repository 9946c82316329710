import type { Lab, LabPart, MarkdownBlock, Submission } from './lab.js';
import { readLabData } from './read-lab-data.js';
import { readPage } from './read-page.js';
import { readSubmission, readWrongSubmission } from './read-submission.js';

/** The files of a lab's folder, as texts. `translation` is null where the language has none. */
export interface LabFiles {
  id: string;
  language: string;
  page: string;
  translation: string | null;
  data: string;
  /** Null: there is none. */
  solution: string | null;
  translatedSolution: string | null;
  wrong: { name: string; text: string }[];
}

/** Puts a lab together: texts and hints of the translation, cells and everything else of the English page. */
export function readLab(files: LabFiles, split: (markdown: string) => MarkdownBlock[]): Lab {
  const english = readPage(files.page, split);
  const translated = files.translation === null ? null : readPage(files.translation, split);
  const page = translated ?? english;
  const data = readLabData(files.data);
  const { facts } = english;
  const known = new Set(english.steps.map(step => step.id));
  const strays = [...data.steps.keys()].filter(id => !known.has(id));
  return {
    ...facts,
    title: page.facts.title || facts.title,
    objectives: translated && page.facts.objectives.length > 0 ? page.facts.objectives : facts.objectives,
    id: files.id,
    language: translated ? files.language : 'en',
    next: data.next,
    setup: data.setup,
    cleanup: data.cleanup,
    parts: page.parts,
    steps: page.steps
      .filter(step => known.has(step.id))
      .map(({ id, title }) => ({
        id,
        title,
        checks: data.steps.get(id)?.checks ?? [],
        hints: page.parts.flatMap(part => (part.kind === 'hint' && part.step === id ? [part.text] : []))
      })),
    solution: readSolution(files, split),
    wrong: files.wrong.map(file => readWrongSubmission(file, split)),
    problems: [
      ...english.problems.map(problem => `lab.md: ${problem}`),
      ...(translated?.problems ?? []).map(problem => `lab.${files.language}.md: ${problem}`),
      ...data.problems,
      ...strays.map(id => `lab.json has the step "${id}", which lab.md does not have.`)
    ]
  };
}

function readSolution(files: LabFiles, split: (markdown: string) => MarkdownBlock[]): Submission | null {
  if (files.solution === null) return null;
  const { text, cells } = readSubmission(files.solution, split);
  const translated = files.translatedSolution === null ? null : readSubmission(files.translatedSolution, split);
  return { text: translated?.text || text, cells };
}

/** The code cells of a lab with the texts of `submissions` in place of those of the same names; later ones win. */
export function cellsWith(
  lab: Pick<Lab, 'parts'>,
  submissions: readonly Pick<Submission, 'cells'>[]
): Extract<LabPart, { kind: 'code' }>[] {
  return lab.parts.flatMap(part => {
    if (part.kind !== 'code') return [];
    const text = submissions.findLast(one => one.cells.has(part.name))?.cells.get(part.name);
    return [{ ...part, text: text ?? part.text }];
  });
}
