import type { Lab, LabPart } from './lab.js';
import { labTarget } from './lab-target.js';

/** What is wrong with a lab and its translation before anything is run; one sentence each. */
export function lintLab(lab: Lab, translation: Lab | null): string[] {
  return [
    ...lab.problems,
    ...factProblems(lab),
    ...stepProblems(lab),
    ...submissionProblems(lab),
    ...translationProblems(lab, translation)
  ];
}

function factProblems(lab: Lab): string[] {
  const problems: string[] = [];
  if (lab.title === '') problems.push('The front matter has no title.');
  if (lab.minutes === 0) problems.push('The front matter does not say how many minutes the lab takes.');
  if (lab.objectives.length === 0) problems.push('The front matter has no objectives.');
  const kernel = lab.needs['kernel'];
  if (typeof kernel !== 'string' || !/^\d+\.\d+$/.test(kernel)) {
    problems.push('The front matter does not say which kernel the lab needs (needs: kernel: "5.8").');
  }
  if (labTarget(lab) === null) problems.push('The front matter needs a target that is neither vm nor pod.');
  return problems;
}

function stepProblems(lab: Lab): string[] {
  const problems = lab.steps.length === 0 ? ['lab.md has no step: <!-- step: id --> before a heading.'] : [];
  for (const { id, checks, hints } of lab.steps) {
    if (checks.length === 0) problems.push(`The step "${id}" has no check.`);
    if (isSolved(lab, id) && hints.length === 0) problems.push(`The step "${id}" has a solution, but no hint.`);
    for (const check of checks) {
      if (check.title.zh === undefined) problems.push(`The check "${check.id}" has no Chinese title.`);
    }
  }
  return problems;
}

/** Whether the solution changes a cell of the step. */
export function isSolved(lab: Lab, step: string): boolean {
  return codeCells(lab).some(cell => cell.step === step && lab.solution?.cells.has(cell.name) === true);
}

function submissionProblems(lab: Lab): string[] {
  const names = new Set(codeCells(lab).map(cell => cell.name));
  const checks = lab.steps.flatMap(step => step.checks.map(check => check.id));
  const problems =
    lab.solution === null ? ['There is no solution.md.'] : strays(lab.solution.cells, names, 'solution.md');
  for (const { name, cells, fails } of lab.wrong) {
    problems.push(...strays(cells, names, `wrong/${name}.md`));
    problems.push(
      ...fails
        .filter(id => !checks.includes(id))
        .map(id => `wrong/${name}.md names the check "${id}", which is unknown.`)
    );
    if (cells.size === 0) problems.push(`wrong/${name}.md changes no cell.`);
  }
  for (const id of checks) {
    for (const kind of ['mistake', 'cheat'] as const) {
      const isCovered = lab.wrong.some(one => one.kind === kind && one.fails.includes(id));
      if (!isCovered) problems.push(`No wrong submission of the kind "${kind}" is to fail the check "${id}".`);
    }
  }
  return problems;
}

const strays = (cells: ReadonlyMap<string, string>, names: ReadonlySet<string>, file: string): string[] =>
  [...cells.keys()].filter(name => !names.has(name)).map(name => `${file} has the cell "${name}", lab.md has not.`);

function translationProblems(lab: Lab, translation: Lab | null): string[] {
  if (translation === null) return ['There is no lab.zh.md.'];
  const cellsOf = (one: Lab): string => JSON.stringify(codeCells(one));
  const hintsOf = (one: Lab): string => JSON.stringify(one.steps.map(step => [step.id, step.hints.length]));
  return [
    ...(cellsOf(lab) === cellsOf(translation) ? [] : ['lab.zh.md has not the same cells as lab.md.']),
    ...(hintsOf(lab) === hintsOf(translation) ? [] : ['lab.zh.md has not the same steps and hints as lab.md.'])
  ];
}

const codeCells = (lab: Lab): Extract<LabPart, { kind: 'code' }>[] => lab.parts.filter(part => part.kind === 'code');
