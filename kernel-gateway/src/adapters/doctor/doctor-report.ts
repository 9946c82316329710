/**
 * `ok`: works. `limited`: works with less (slower, older, some parts missing). `missing`: does not work or is not there.
 * `unknown`: could not be found out; the summary says why.
 */
type CheckState = 'ok' | 'limited' | 'missing' | 'unknown';

/** One thing that this machine can or cannot do. Wire JSON: snake_case, stable within version 1 of the report. */
export interface Check {
  /** `node`, `acceleration`, `user_namespaces`, `btf`, `programs_vm`, `programs_host`, `disk`, `docker`, `kubernetes`, `apt`, `npm`, `images`. */
  id: string;
  title: string;
  state: CheckState;
  /** False: only some parts of the product need it. */
  needed: boolean;
  /** One sentence. */
  summary: string;
  /** The one next step; empty when nothing is to be done. */
  remedy: string;
  /** What was found: text, numbers, lists; sizes in bytes. */
  facts: Record<string, unknown>;
}

/** What `npx bpflab doctor --json` prints. `ready`: everything that is needed is `ok` or `limited`. */
export interface DoctorReport {
  version: 1;
  ready: boolean;
  checks: Check[];
}

/** A report of checks, in their order. */
export function makeReport(checks: Check[]): DoctorReport {
  const ready = checks.every(check => !check.needed || check.state === 'ok' || check.state === 'limited');
  return { version: 1, ready, checks };
}

const MARKS: Record<CheckState, string> = { ok: 'ok     ', limited: 'limited', missing: 'MISSING', unknown: 'unknown' };

/** The report as lines for a terminal: state, title, summary, and the remedy below where there is one. */
export function reportText(report: DoctorReport): string {
  const lines = report.checks.flatMap(({ state, title, needed, summary, remedy }) => [
    `${MARKS[state]}  ${title}: ${summary}${state === 'missing' && !needed ? ' (optional)' : ''}`,
    ...(remedy === '' ? [] : [`         → ${remedy}`])
  ]);
  return [
    ...lines,
    '',
    report.ready ? 'This machine is ready.' : 'Something that is needed is missing; see above.'
  ].join('\n');
}
