/**
 * What the verifier saw of an accepted program: a front end opens a comm (`VERIFIER_COMM`) with the names of a run and a
 * program as data. The session loads the program once more with its whole log, attaches nothing, and answers with one
 * message or several; the log comes as UTF-8 in their buffers, in order. Then the comm is closed.
 */
import type { ProgramTrace } from './verifier-trace.js';

/** Comm target of a verifier's log. */
export const VERIFIER_COMM = 'bpflab.verifier';

/** comm_open data of `VERIFIER_COMM`. */
export interface VerifierOpen {
  run: string;
  program: string;
}

/** comm_msg data to the front end on `VERIFIER_COMM`: a part of the log in its buffer, the end, or why there is none. */
export type VerifierMessage =
  | { type: 'part' }
  | { type: 'end'; trace: ProgramTrace }
  | { type: 'failed'; code: string; message: string; hint: string };
