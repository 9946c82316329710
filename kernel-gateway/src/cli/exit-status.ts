import type { CellOutcome } from '../core/index.js';
import { LabError } from '../protocol/index.js';

/** Exit statuses of `run` and `exec`; documented in docs/reference/cli.md. */
export const ExitStatus = { ok: 0, failed: 1, usage: 2, target: 3, interrupted: 130 } as const;

/** Exit status of a cell's end. */
export function outcomeStatus(outcome: CellOutcome): number {
  switch (outcome.kind) {
    case 'ok':
      return ExitStatus.ok;
    case 'interrupted':
      return ExitStatus.interrupted;
    case 'failed':
      return codeStatus(outcome.code);
  }
}

/** Exit status of an error; what is no LabError is a fault of the house and is thrown on. */
export function errorStatus(error: unknown): number {
  if (error instanceof LabError) {
    return codeStatus(error.code);
  }
  throw error;
}

function codeStatus(code: string): number {
  if (/^BPFLAB_(TARGET|IMAGE|DISK)_/.test(code)) {
    return ExitStatus.target;
  }
  if (code === 'BPFLAB_CELL_INTERRUPTED') {
    return ExitStatus.interrupted;
  }
  const isUsage = /^BPFLAB_(CELL_OPTION|CONFIG_OPTION|GLOBAL_UNKNOWN|VALUE_INVALID|FILE_PATH)$/.test(code);
  return isUsage ? ExitStatus.usage : ExitStatus.failed;
}
