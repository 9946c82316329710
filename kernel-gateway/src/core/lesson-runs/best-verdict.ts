import type { Verdict } from './lesson-program.js';

/**
 * Kernels in the order in which programs try them: the default one first, then the small ones from the newest on, then those
 * with all drivers: what runs on several is shown on the kernel that sessions have.
 */
export function kernelsInOrder(releases: readonly string[], defaultRelease: string): string[] {
  const rank = (release: string): number => (release === defaultRelease ? 0 : release.includes('cloud') ? 1 : 2);
  const version = (release: string): number => {
    const [major = 0, minor = 0] = release.split('.').map(Number);
    return major * 1000 + minor;
  };
  return [...releases].sort((a, b) => rank(a) - rank(b) || version(b) - version(a));
}

/** One line on where a program runs. `verdicts`: the target's own kernel first; empty: nothing was asked. */
export function verdictText(verdicts: readonly Verdict[]): string {
  const [own] = verdicts;
  if (own === undefined) return 'not known';
  if (own.runs) return 'runs';
  const other = verdicts.find(verdict => verdict.runs);
  if (other !== undefined) return `runs on kernel ${other.kernel}; here not, because ${clauseOf(own)}`;
  // The newest kernel says most: what older ones lack, it may have.
  const newest = kernelsInOrder(
    verdicts.map(verdict => verdict.kernel),
    ''
  )[0];
  return `cannot, because ${clauseOf(verdicts.find(verdict => verdict.kernel === newest) ?? own)}`;
}

const clauseOf = (verdict: Verdict): string => verdict.reason.replace(/\.$/, '');
