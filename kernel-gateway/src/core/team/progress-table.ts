/** Everyone's progress as CSV, for who teaches: a row for each lab of each person, those who are stuck marked. */
import type { LabProgress, ProgressFile } from './progress.js';

const COLUMNS = [
  'person',
  'lab',
  'state',
  'steps_passed',
  'steps',
  'checks_passed',
  'checks',
  'minutes',
  'attempts',
  'changed',
  'stuck',
  'begun_anew'
] as const;
/** Attempts for each step that has passed, and the one at hand, beyond which somebody is stuck. */
const MANY_ATTEMPTS = 5;
/** Days without a change after which an open lab is one that somebody is stuck in. */
const MANY_DAYS = 7;
const DAY_MS = 86_400_000;

/** Whether a person gets on with a lab: many attempts for what has passed, or long nothing. `today`: `2026-11-23`. */
export function isStuck(
  lab: Pick<LabProgress, 'state' | 'attempts' | 'changed'> & { passed: number },
  today: string
): boolean {
  if (lab.state === 'done') return false;
  const days = (Date.parse(today) - Date.parse(lab.changed)) / DAY_MS;
  return lab.attempts > MANY_ATTEMPTS * (lab.passed + 1) || days >= MANY_DAYS;
}

/** RFC 4180 with a head; no cell is a formula to a spreadsheet. */
export function progressCsv(files: readonly ProgressFile[], today: string): string {
  const rows = files.flatMap(({ person, labs }) =>
    labs.map(lab => [
      ...[person, lab.lab, lab.state, lab.passed.length, lab.steps, lab.checksPassed, lab.checks, lab.minutes],
      ...[lab.attempts, lab.changed, isStuck({ ...lab, passed: lab.passed.length }, today) ? 'yes' : ''],
      lab.resets
    ])
  );
  return [COLUMNS, ...rows].map(row => `${row.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(value: string | number): string {
  const text = String(value);
  const plain = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
