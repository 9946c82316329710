import type { AgentRequestError } from '../agent/agent-request-error.js';
import type { ObjectSpec } from '../object/object-spec.js';
import type { DiagnosisBundle } from '../../protocol/index.js';
import { diagnose } from '../verifier/diagnose.js';

const TAIL_LINES = 5;

/** The refusal as a bundle with the whole log, and as text: the reason, its place in the cell, and the log from there on. */
export function refusalDiagnosis(refusal: {
  error: AgentRequestError;
  log: string;
  object: ObjectSpec;
  cell: { body: string; bodyLine: number };
}): { bundle: DiagnosisBundle; text: string } {
  const { error, log, object, cell } = refusal;
  const bundle = diagnose({ log, program: error.subject, object, cell, message: error.message });
  const place = bundle.items[0];
  const where = place === undefined || place.line === 0 ? '' : `line ${place.line}: `;
  const from = bundle.source_line < 0 ? bundle.log.length - TAIL_LINES : bundle.source_line;
  const source = bundle.source === '' ? [] : [`${where}${bundle.source}`];
  return {
    bundle,
    text: [bundle.message, ...source, bundle.hint, '', ...bundle.log.slice(Math.max(0, from))].join('\n')
  };
}
