import { expect, it } from 'vitest';
import { auditTable, parseAuditLines } from './audit-table.js';

const line = (seconds: number, what: string, more: object = {}): string => {
  const time = `2026-01-02T03:04:${String(seconds).padStart(2, '0')}.000Z`;
  return `bpflab-audit ${JSON.stringify({ time, what, node: 'n1', session: 's', user: 'ann', ...more })}`;
};
const programs = [{ name: 'on_exec', type: 'tracing', section: 'tp_btf/sched_process_exec' }];

it('says how long what was there, also when its session ended by itself', () => {
  const log = [
    line(9, 'session_end', { seconds: 9 }),
    'bpflab-agent: ready',
    line(0, 'session'),
    line(1, 'load', { run: 'a-1', programs }),
    line(2, 'exec', { run: 'sh-2', argv: ['/bin/sh', '-c', 'echo\n  x'] }),
    line(2, 'load', { run: 'b-3', programs }),
    line(4, 'end', { run: 'a-1', seconds: 3 }),
    line(5, 'refused', { session: 'other', user: 'ben', message: 'No rule.' }),
    line(6, 'session', { session: 'lives' })
  ].join('\n');
  const rows = auditTable(parseAuditLines(log)).trimEnd().split('\n').slice(1);
  const words = rows.map(row => row.trim().split(/ {2,}/).slice(2));
  expect(words).toEqual([
    ['ann', 'session', 's', '9.0'],
    ['ann', 'load', 'a-1: on_exec (tp_btf/sched_process_exec)', 's', '3.0'],
    ['ann', 'exec', '/bin/sh -c echo x', 's'],
    ['ann', 'load', 'b-3: on_exec (tp_btf/sched_process_exec)', 's', '7.0'],
    ['ben', 'refused', 'No rule.', 'other'],
    ['ann', 'session', 'lives']
  ]);
});

it('passes over what is cut or of another shape', () => {
  expect(parseAuditLines(['bpflab-audit {"time":', 'bpflab-audit null', 'bpflab-audit {}', ''].join('\n'))).toEqual([]);
});
