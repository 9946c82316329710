/**
 * `team/people/<name>/progress.md`: one line for each lab, in the order of their ids, so that git merges two of them line by
 * line. Lines that are no entry are kept behind the table.
 */
import { readTableRow, tableRow } from './markdown-table.js';

/** How a person stands in a lab. */
export interface LabProgress {
  lab: string;
  state: 'open' | 'done';
  /** Ids of the steps that have passed, sorted. */
  passed: string[];
  steps: number;
  checksPassed: number;
  checks: number;
  minutes: number;
  attempts: number;
  /** Day of the last change, `2026-11-23`. */
  changed: string;
  /** How often it was begun anew because an instructor asked; what was reached before is in a line below the table. */
  resets: number;
}

/** A progress file; `rest` is what people wrote themselves. */
export interface ProgressFile {
  person: string;
  labs: LabProgress[];
  rest: string[];
}

const HEAD = ['Lab', 'State', 'Steps', 'Checks', 'Minutes', 'Attempts', 'Changed', 'Passed', 'Begun anew'];
const GENERATED = '<!-- Made by bpflab from the checks of labs. Lines below the table are yours. -->';

/** Reads a progress file, also a broken one or one that git has left with marks of a conflict. */
export function readProgress(text: string): ProgressFile {
  const labs = new Map<string, LabProgress>();
  const rest: string[] = [];
  let person = '';
  for (const line of text.split(/\r\n|\n|\r/)) {
    const heading = /^# Progress of (.+)$/.exec(line);
    const row = readTableRow(line);
    const entry = row === null ? null : entryOf(row);
    if (heading && person === '') person = heading[1]!.trim();
    else if (entry) labs.set(entry.lab, mergeEntries(labs.get(entry.lab), entry));
    else if (!isOurs(line, row)) rest.push(line);
  }
  return { person, labs: sorted([...labs.values()]), rest: trimmed(rest) };
}

/** The text of a progress file; reading it gives the same again. */
export function writeProgress(file: ProgressFile): string {
  const rows = sorted(file.labs).map(rowOf);
  const rule = `| ${HEAD.map(() => '---').join(' | ')} |`;
  const rest = trimmed(file.rest);
  const table = [`# Progress of ${file.person}`, '', GENERATED, '', tableRow(HEAD), rule, ...rows];
  return `${[...table, ...(rest.length === 0 ? [] : ['', ...rest])].join('\n')}\n`;
}

/** The file with what a session has reached put in; what was reached before stays. */
export function withProgress(file: ProgressFile, reached: Omit<LabProgress, 'resets'>): ProgressFile {
  const others = file.labs.filter(one => one.lab !== reached.lab);
  const before = file.labs.find(one => one.lab === reached.lab);
  const entry = mergeEntries(before, { ...reached, resets: before?.resets ?? 0 });
  return { ...file, labs: sorted([...others, entry]) };
}

/** The file with a lab begun anew: nothing of it is reached, and a line below the table says what was. `asked`: by whom. */
export function withReset(
  file: ProgressFile,
  lab: string,
  { day, asked }: { day: string; asked: string }
): ProgressFile {
  const before = file.labs.find(one => one.lab === lab);
  if (before === undefined) return file;
  const { passed, steps, minutes, attempts, resets } = before;
  const was = `${passed.length}/${steps} steps, ${minutes} minutes, ${attempts} attempts`;
  const anew = { state: 'open', checksPassed: 0, minutes: 0, attempts: 0 } as const;
  return {
    ...file,
    labs: sorted([
      ...file.labs.filter(one => one.lab !== lab),
      { ...before, ...anew, passed: [], changed: day, resets: resets + 1 }
    ]),
    rest: [...file.rest, `- ${day}: ${lab} begun anew, as ${asked} asked; before: ${was}`]
  };
}

/** Two entries of one lab: whatever either of them has reached, since it was begun anew last. */
function mergeEntries(a: LabProgress | undefined, b: LabProgress): LabProgress {
  if (a === undefined) return b;
  if (a.resets !== b.resets) return a.resets > b.resets ? a : b;
  const passed = [...new Set([...a.passed, ...b.passed])].sort();
  return {
    lab: b.lab,
    state: a.state === 'done' || b.state === 'done' ? 'done' : 'open',
    passed,
    steps: Math.max(a.steps, b.steps),
    checksPassed: Math.max(a.checksPassed, b.checksPassed),
    checks: Math.max(a.checks, b.checks),
    minutes: Math.max(a.minutes, b.minutes),
    attempts: Math.max(a.attempts, b.attempts),
    changed: a.changed > b.changed ? a.changed : b.changed,
    resets: a.resets
  };
}

const rowOf = (one: LabProgress): string =>
  tableRow([
    one.lab,
    one.state,
    `${one.passed.length}/${one.steps}`,
    `${one.checksPassed}/${one.checks}`,
    String(one.minutes),
    String(one.attempts),
    one.changed,
    one.passed.join(' '),
    one.resets === 0 ? '' : String(one.resets)
  ]);

function entryOf(cells: readonly string[]): LabProgress | null {
  const at = (column: number): string => cells[column] ?? '';
  const [lab, state, steps, checks] = [at(0), at(1), at(2), at(3)];
  const [minutes, attempts, changed, passed, resets] = [at(4), at(5), at(6), at(7), at(8)];
  const [, ofSteps] = fraction(steps);
  const [checksPassed, ofChecks] = fraction(checks);
  if (!/^[\w-]+(\/[\w-]+)+$/.test(lab) || (state !== 'open' && state !== 'done')) return null;
  return {
    lab,
    state,
    passed: passed
      .split(/\s+/)
      .filter(id => id !== '')
      .sort(),
    steps: ofSteps,
    checksPassed,
    checks: ofChecks,
    minutes: numberOf(minutes),
    attempts: numberOf(attempts),
    changed: /^\d{4}-\d\d-\d\d$/.test(changed) ? changed : '',
    resets: numberOf(resets)
  };
}

const numberOf = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : 0);
const fraction = (text: string): [number, number] => {
  const [one = '', of = ''] = text.split('/');
  return [numberOf(one), numberOf(of)];
};
const sorted = (labs: readonly LabProgress[]): LabProgress[] =>
  labs.toSorted((a, b) => (a.lab < b.lab ? -1 : a.lab > b.lab ? 1 : 0));

/** Head, rule, mark and conflict marks are made anew. */
const isOurs = (line: string, row: string[] | null): boolean =>
  line === GENERATED ||
  (row !== null && row[0] === HEAD[0] && row[1] === HEAD[1]) ||
  /^\|[\s|:-]+\|$/.test(line.trim()) ||
  /^(<<<<<<< |=======$|>>>>>>> )/.test(line) ||
  /^# Progress of /.test(line);

function trimmed(lines: readonly string[]): string[] {
  const first = lines.findIndex(line => line.trim() !== '');
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex(line => line.trim() !== '') + 1);
}
