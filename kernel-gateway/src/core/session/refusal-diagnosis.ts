import type { AgentRequestError } from '../agent/agent-request-error.js';
import type { ProgramSpec } from '../object/object-spec.js';
import type { DiagnosisBundle } from '../../protocol/index.js';

/** A refused program: the agent's answer, the verifier's whole log, and where its text stands in the cell. */
export interface Refusal {
  error: AgentRequestError;
  log: string;
  program: ProgramSpec | undefined;
  body: string;
  bodyLine: number;
}

/** The refusal as a bundle with the whole log, and as text with the reason and the C line. */
export function refusalDiagnosis(refusal: Refusal): { bundle: DiagnosisBundle; text: string } {
  const { error, program, body, bodyLine } = refusal;
  const log = refusal.log.replace(/\n+$/, '').split('\n');
  const reasonLine = log.findLastIndex(line => isReason(line));
  const sourceLine = log.findLastIndex((line, index) => index < reasonLine && line.startsWith(';'));
  const commented = (log[sourceLine] ?? '').replace(/^;\s*/, '').replace(/\s*@ [^@]*$/, '');
  const line = placeOf(log[sourceLine] ?? '', { commented, program, body, bodyLine });
  const reason = (log[reasonLine] ?? '').trim();
  const message = `The verifier rejected "${error.subject}": ${reason === '' ? error.message : reason}`;
  const bundle: DiagnosisBundle = {
    version: 1,
    code: error.code,
    message,
    hint: error.hint,
    items: line === 0 ? [] : [item(line, reason)],
    log,
    reason_line: reasonLine,
    source_line: sourceLine,
    source: commented,
    program: error.subject
  };
  const where = line === 0 ? '' : `line ${line}: `;
  const tail = log.slice(Math.max(0, sourceLine < 0 ? log.length - 5 : sourceLine));
  return {
    bundle,
    text: [message, `${where}${commented}`, '', ...tail].filter((one, i) => one !== '' || i === 2).join('\n')
  };
}

/** Statistics at the end of a log, and states of registers, are not why. */
function isReason(line: string): boolean {
  return (
    line.trim() !== '' &&
    !/^(processed \d+|verification time|stack depth|max_states|\(limit )/.test(line) &&
    !/^(\d+: |;|from \d+|R\d+\w*=|arg#0 reference type|frame\d|func#|last_idx|regs=|mark_precise|parent |Live regs)/.test(line)
  );
}

/** Newer kernels say the place themselves (`@ file:line`); older ones only the text of the line. */
function placeOf(
  comment: string,
  at: { commented: string; program: ProgramSpec | undefined; body: string; bodyLine: number }
): number {
  const said = /@ .*:(\d+)$/.exec(comment)?.[1];
  if (said !== undefined) {
    return Number(said);
  }
  const known = at.program?.lines.find(line => line.text.trim() === at.commented.trim());
  if (known !== undefined) {
    return known.line;
  }
  const index = at.commented === '' ? -1 : at.body.split('\n').findIndex(line => line.trim() === at.commented.trim());
  return index < 0 ? 0 : index + at.bodyLine;
}

function item(line: number, message: string): DiagnosisBundle['items'][number] {
  return { severity: 'error', line, column: 1, end_line: line, end_column: 1, message, file: '' };
}
