import type { TranslationBundle } from '@jupyterlab/translation';
import type { IJudgedProgram } from './lesson-import.js';

/** Where the programs of a lesson run, in few words. */
export interface ILessonVerdict {
  text: string;
  modifier: 'jp-mod-good' | 'jp-mod-warning' | 'jp-mod-bad';
  /** The kernel on which all run that the target's own does not; empty: there is none, or none is needed. */
  kernel: string;
}

/** One for all programs: they run here, or on another kernel, or some run on none. */
export function lessonVerdict(programs: readonly IJudgedProgram[], trans: TranslationBundle): ILessonVerdict {
  const elsewhere = programs.filter(({ verdicts }) => verdicts[0]?.runs !== true);
  if (elsewhere.length === 0) return { text: trans.__('Runs here'), modifier: 'jp-mod-good', kernel: '' };
  const kernels = elsewhere.map(({ verdicts }) => verdicts.find(one => one.runs)?.kernel ?? '');
  const cannot = kernels.filter(kernel => kernel === '').length;
  if (cannot === programs.length) return { text: trans.__('Cannot run'), modifier: 'jp-mod-bad', kernel: '' };
  if (cannot > 0 || elsewhere.length < programs.length) {
    const runs = programs.length - elsewhere.length;
    return { text: trans.__('%1 of %2 run here', runs, programs.length), modifier: 'jp-mod-warning', kernel: '' };
  }
  const [kernel = ''] = kernels;
  const isOne = kernels.every(one => one === kernel);
  const release = /^\d+\.\d+/.exec(kernel)?.[0] ?? kernel;
  return {
    text: isOne ? trans.__('Runs on Linux %1', release) : trans.__('Runs on other kernels'),
    modifier: 'jp-mod-warning',
    kernel: isOne ? kernel : ''
  };
}
