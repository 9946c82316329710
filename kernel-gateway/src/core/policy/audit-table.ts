import { plainTable } from '../session/plain-table.js';

/** One line of an agent's audit log (bpf/agent/audit.h); what belongs to one kind alone may be missing. */
export interface AuditLine {
  /** ISO 8601, UTC. */
  time: string;
  what: string;
  node: string;
  session: string;
  user: string;
  run?: string;
  /** Of `load`. */
  programs?: { name: string; type: string; section: string }[];
  /** Of `exec`: its first words. */
  argv?: string[];
  /** Of `end` and `session_end`: how long it was there. */
  seconds?: number;
  /** Of `refused`. */
  message?: string;
}

const MARK = 'bpflab-audit ';

/** The audit lines in logs of agents, in order of time; what else the logs have is passed over. */
export function parseAuditLines(log: string): AuditLine[] {
  return log
    .split('\n')
    .filter(line => line.startsWith(MARK))
    .flatMap(line => parse(line.slice(MARK.length)))
    .sort((left, right) => left.time.localeCompare(right.time));
}

/** A line that a rotated log has cut is none. */
function parse(text: string): AuditLine[] {
  try {
    const line = JSON.parse(text) as Partial<AuditLine> | null;
    const { time, what, node, session, user } = line ?? {};
    return [time, what, node, session, user].every(one => typeof one === 'string') ? [line as AuditLine] : [];
  } catch {
    return [];
  }
}

/** Who loaded or started what, where, when, for how long: one row for each load, command, refusal and session. */
export function auditTable(lines: readonly AuditLine[]): string {
  const rows = lines
    .map((line, at) => ({ line, seconds: lengthOf(line, lines.slice(at + 1)) }))
    .filter(({ line }) => line.what !== 'end' && line.what !== 'session_end')
    .map(({ line, seconds }) => [line.time, line.node, line.user, line.what, describe(line), line.session, seconds]);
  return plainTable(['time', 'node', 'user', 'what', '', 'session', 'seconds'], rows);
}

/** Seconds until its end; empty while it goes on, and for what has no length. */
function lengthOf(line: AuditLine, later: readonly AuditLine[]): string {
  if (line.what !== 'load' && line.what !== 'session') return '';
  const end = later.find(
    one =>
      one.session === line.session &&
      one.node === line.node &&
      (one.what === 'session_end' || (one.what === 'end' && line.what === 'load' && one.run === line.run))
  );
  if (end === undefined) return '';
  return ((Date.parse(end.time) - Date.parse(line.time)) / 1000).toFixed(1);
}

function describe({ run, programs, argv, message }: AuditLine): string {
  if (message !== undefined) return message;
  if (argv !== undefined) return argv.join(' ').replace(/\s+/g, ' ').slice(0, 80);
  const names = programs?.map(({ name, section }) => `${name} (${section})`).join(', ');
  return names === undefined ? '' : `${run}: ${names}`;
}
