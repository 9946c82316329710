import type { InspectProgram, LabCheck } from '../../protocol/index.js';
import type { Seen } from './seen-text.js';

/** Whether a check holds, and what was seen. */
export interface Judgement {
  passed: boolean;
  seen: Seen;
}

type CheckOf<K extends string> = Extract<LabCheck, Record<K, unknown>>;
type Condition<K extends string> = CheckOf<K> extends Record<K, infer C> ? C : never;

/** Judges the session's own programs that are loaded now. */
export function judgePrograms(wanted: Condition<'program'>, programs: readonly InspectProgram[]): Judgement {
  if (programs.length === 0) return { passed: false, seen: { kind: 'no-program' } };
  const matching = programs.filter(
    one =>
      (wanted.type === undefined || one.type === wanted.type) &&
      (wanted.name === undefined || one.name === wanted.name) &&
      (wanted.attached === undefined || one.attached_to.some(target => target.includes(wanted.attached!)))
  );
  const best = matching.toSorted((a, b) => (BigInt(a.run_count) < BigInt(b.run_count) ? 1 : -1))[0];
  if (best === undefined) return { passed: false, seen: { kind: 'programs', found: programs.map(programText) } };
  const runs = best.run_count;
  const passed = BigInt(runs) >= BigInt(wanted.runs ?? 0);
  return { passed, seen: { kind: passed ? 'program' : 'too-few-runs', program: programText(best), runs } };
}

const programText = ({ name, type, attached_to: at }: InspectProgram): string =>
  `${name} (${type}${at.length === 0 ? '' : `, ${at.join(', ')}`})`;

/** Judges a number of rows; `total` is without the condition. */
export function judgeRows(
  wanted: { where?: string | undefined; at_least: number; at_most?: number | undefined },
  found: { name: string; count: number; total: string }
): Judgement {
  const passed = found.count >= wanted.at_least && (wanted.at_most === undefined || found.count <= wanted.at_most);
  return { passed, seen: { kind: 'rows', ...found, filtered: wanted.where !== undefined } };
}

/** Judges a text by a regular expression in multi-line mode; `seen` is what is said of the text. */
export function judgeText(pattern: string | undefined, text: string, seen: Seen): Judgement {
  if (pattern === undefined) return { passed: true, seen };
  try {
    return { passed: new RegExp(pattern, 'mu').test(text), seen };
  } catch {
    return { passed: false, seen: { kind: 'bad-pattern', pattern } };
  }
}
