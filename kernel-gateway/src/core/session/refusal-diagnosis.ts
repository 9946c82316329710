import type { AgentRequestError } from '../agent/agent-request-error.js';
import { readProgramFunctions } from '../object/read-trace.js';
import type { DiagnosisBundle } from '../../protocol/index.js';
import { diagnose } from '../verifier/diagnose.js';
import { explanationText } from '../verifier/explanation-text.js';

const TAIL_LINES = 5;

/**
 * The refusal as a bundle with the whole log, and as text: the reason, its place in the cell, the explanation, and the log
 * from there on. `object`: the object as it was compiled, with its debug information.
 */
export function refusalDiagnosis(refusal: {
  error: AgentRequestError;
  log: string;
  object: Uint8Array;
  cell: { body: string; bodyLine: number };
}): { bundle: DiagnosisBundle; text: string } {
  const { error, log, object, cell } = refusal;
  const functionsOf = (program: string): ReturnType<typeof readProgramFunctions> =>
    readProgramFunctions(object, program);
  const bundle = diagnose({ log, program: error.subject, functionsOf, cell, message: error.message });
  const from = bundle.source_line < 0 ? bundle.log.length - TAIL_LINES : bundle.source_line;
  return { bundle, text: [explanationText(bundle), '', ...bundle.log.slice(Math.max(0, from))].join('\n') };
}
