import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';
import type { IJudgedProgram } from './lesson-import.js';
import { lessonVerdict } from './lesson-verdict.js';

const trans = nullTranslator.load('bpflab');
/** A program that the kernels of the names run, and the others do not; the first one is the target's. */
const program = (kernels: readonly string[], running: readonly string[]): IJudgedProgram => ({
  name: 'x',
  preflight: '',
  verdicts: kernels.map(kernel => ({ kernel, runs: running.includes(kernel), reason: '' }))
});
const textOf = (...programs: IJudgedProgram[]): string => lessonVerdict(programs, trans).text;

it('says where all programs of a lesson run', () => {
  expect(textOf(program(['6.12.1'], ['6.12.1']))).toBe('Runs here');
  expect(textOf(program(['6.12.1', '6.1.0'], []))).toBe('Cannot run');
  const elsewhere = program(['6.12.1', '7.3.5-1'], ['7.3.5-1']);
  expect(lessonVerdict([elsewhere], trans)).toMatchObject({ text: 'Runs on Linux 7.3', kernel: '7.3.5-1' });
  expect(textOf(elsewhere, program(['6.12.1', '6.1.0'], ['6.1.0']))).toBe('Runs on other kernels');
});

it('counts those that run here where others do not', () => {
  const here = program(['6.12.1'], ['6.12.1']);
  expect(textOf(here, here, program(['6.12.1', '6.1.0'], ['6.1.0']))).toBe('2 of 3 run here');
  expect(textOf(here, program(['6.12.1'], []))).toBe('1 of 2 run here');
});
