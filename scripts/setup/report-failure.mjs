import { StepError } from '../../bpf/image/step-error.mjs';

/**
 * Writes why set-up ended, and what to do next, to stderr; a fault of our own keeps its stack.
 *
 * @param {unknown} error
 */
export function reportFailure(error) {
  if (!(error instanceof StepError)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.stderr.write('This is a fault in the lab, not in your program; report the message.\n');
    return;
  }
  if (error.details) process.stderr.write(`${error.details.trimEnd()}\n\n`);
  process.stderr.write(`${error.code}: ${error.message}\n${error.hint}\n`);
}
