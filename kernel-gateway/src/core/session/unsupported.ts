import { LabError } from '../../protocol/index.js';

/** What preflight says: `what` is the program, map or call, `lack` the clause that names what the kernel has not. */
export function unsupported(what: string, { release }: { release: string }, lack: string): LabError {
  return new LabError('BPFLAB_PREFLIGHT_UNSUPPORTED', `Linux ${release} cannot run ${what} — ${lack}.`);
}
