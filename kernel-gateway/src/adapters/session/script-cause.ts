import { exitText } from './process-cell.js';
import type { ProcessExit } from './process-events.js';

/** Why bpftrace ended, in its own words where it has some. */
export const scriptCause = (errors: string, exit: ProcessExit): string =>
  (errors.split('\n').find(line => /error/i.test(line)) ?? exitText(exit)).trim();
