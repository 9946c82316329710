import type { AgentRequestError } from '../agent/agent-request-error.js';
import type { ProgramSpec } from '../object/object-spec.js';
import type { DiagnosisBundle } from '../../protocol/index.js';
import { diagnose } from '../verifier/diagnose.js';

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
  const bundle = diagnose({
    program: error.subject,
    log: refusal.log,
    message: error.message,
    object: { programs: program ? [program] : [] },
    cell: { body, bodyLine }
  });
  const { log, items, source, source_line: sourceLine, message, hint } = bundle;
  const line = items[0]?.line ?? 0;
  const where = line === 0 ? source : `line ${line}: ${source}`;
  const tail = log.slice(Math.max(0, sourceLine < 0 ? log.length - 5 : sourceLine));
  const head = [message, where, hint].filter(text => text !== '');
  return { bundle, text: [...head, '', ...tail].join('\n') };
}
