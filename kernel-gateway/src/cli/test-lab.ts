import type { Lab as LabText, Submission, WrongSubmission } from '../core/labs/lab.js';
import { isSolved } from '../core/labs/lint-lab.js';
import type { Lab } from '../lab.js';
import { walkLab, type LabWalk } from './walk-lab.js';

/** What `lab test` says of a lab. */
export interface LabReport {
  id: string;
  /** Each step with a solution fails as the lab comes. */
  starterFails: boolean;
  /** Each step passes with the solution. */
  solutionPasses: boolean;
  /** Each wrong submission fails the checks that it is to fail. */
  wrongFails: boolean;
  leftovers: string[];
  seconds: number;
  /** Longest automatic look at a step's checks, in ms. */
  checkMs: number;
  /** One sentence for each thing that is not as it must be. */
  problems: string[];
}

/** Whether a lab is as it must be. */
export const isSound = (report: LabReport): boolean =>
  report.starterFails && report.solutionPasses && report.wrongFails && report.leftovers.length === 0;

/** Proves a lab on a real target: its starter fails, its solution passes, its wrong submissions fail, nothing is left. */
export async function testLab(product: Lab, lab: LabText): Promise<LabReport> {
  const startMs = performance.now();
  const problems: string[] = [...lab.problems];
  const solution: Submission[] = lab.solution === null ? [] : [lab.solution];
  const solved = lab.steps.filter(step => isSolved(lab, step.id)).map(step => step.id);
  const steps = lab.steps.map(step => step.id);
  const starter = await walkLab(product, lab, { submissions: [], steps: solved, wantsLeftovers: false });
  const passedByStarter = starter.steps.filter(step => step.passed).map(step => step.id);
  problems.push(...passedByStarter.map(id => `The starter passes the step "${id}".`));
  const walk = await walkLab(product, lab, { submissions: solution, steps, wantsLeftovers: true });
  problems.push(...solutionProblems(lab, walk));
  let wrongFails = lab.wrong.length > 0;
  for (const wrong of lab.wrong) {
    const passed = await passedBy(product, lab, solution, wrong);
    wrongFails &&= passed.length === 0;
    problems.push(...passed.map(check => `wrong/${wrong.name}.md passes the check "${check}".`));
  }
  problems.push(...walk.leftovers.map(line => `It leaves behind: ${line}.`));
  return {
    id: lab.id,
    starterFails: solved.length > 0 && passedByStarter.length === 0,
    solutionPasses: steps.length > 0 && steps.every(id => walk.steps.some(step => step.id === id && step.passed)),
    wrongFails,
    leftovers: walk.leftovers,
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    checkMs: walk.checkMs,
    problems
  };
}

function solutionProblems(lab: LabText, walk: LabWalk): string[] {
  const problems = walk.steps.flatMap(step =>
    step.checks
      .filter(check => check.state !== 'passed')
      .map(check => `The solution does not pass the check "${check.id}": ${check.seen}`)
  );
  const isFailing = problems.length > 0;
  return isFailing ? [...problems, ...walk.failures.map(failure => `A cell failed with ${failure}`)] : problems;
}

/** Checks that a wrong submission is to fail and passes. */
async function passedBy(
  product: Lab,
  lab: LabText,
  solution: readonly Submission[],
  wrong: WrongSubmission
): Promise<string[]> {
  const steps = lab.steps
    .filter(step => step.checks.some(check => wrong.fails.includes(check.id)))
    .map(step => step.id);
  const walk = await walkLab(product, lab, { submissions: [...solution, wrong], steps, wantsLeftovers: false });
  return walk.steps.flatMap(step =>
    step.checks.filter(check => wrong.fails.includes(check.id) && check.state === 'passed').map(check => check.id)
  );
}
