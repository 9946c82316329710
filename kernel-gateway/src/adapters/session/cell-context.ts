import type { CellInput, CellOutcome, CellOutput } from '../../core/index.js';
import { LabError, Mime, type DiagnosisBundle } from '../../protocol/index.js';
import type { SessionCore } from './session-core.js';

/** What the execution of one cell works with. */
export interface CellContext {
  readonly core: SessionCore;
  readonly cellId: string;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** Run whose outputs those of the new run replace; absent for a run that a cell starts. */
  readonly takesPlaceOf?: string;
  /** Standard input of its process; absent or null: there is nobody to ask. */
  readonly input?: CellInput | null;
}

/** Text on the cell's stdout or stderr, with a line end. */
export function say(context: CellContext, text: string, name: 'stdout' | 'stderr' = 'stdout'): void {
  if (text !== '') {
    context.core.outputs.show({ kind: 'stream', name, text: text.endsWith('\n') ? text : `${text}\n` });
  }
}

/** A diagnosis in the cell; its text names message, lines and hint. */
export function showDiagnosis(context: CellContext, diagnosis: DiagnosisBundle, text: string): void {
  const displayId = `${context.core.options.id}/diagnosis/${context.cellId}/${Math.round(context.core.now())}`;
  const output: CellOutput = {
    kind: 'display',
    displayId,
    data: { [Mime.diagnosis]: diagnosis, 'text/plain': text },
    update: false
  };
  context.core.outputs.show(output);
}

/** The outcome that a failure comes to. Faults of the house are thrown on. */
export function failedOutcome(error: unknown): CellOutcome {
  if (!(error instanceof LabError)) {
    throw error;
  }
  if (error.code === 'BPFLAB_CELL_INTERRUPTED') {
    return { kind: 'interrupted' };
  }
  const { code, message, hint, details } = error;
  return { kind: 'failed', code, message, hint, details };
}
