import { errorTable, type ErrorCode } from './error-table.js';

/**
 * A failure that a user can meet: `message` is one sentence with the cause in its own words, `hint` the next step,
 * `details` the full text (log, stderr) behind it. Outcomes that belong to a contract are return values instead.
 */
export class LabError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable: boolean;
  readonly details: string;

  constructor(code: ErrorCode, message: string, options: { hint?: string; details?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'LabError';
    this.code = code;
    this.hint = options.hint ?? errorTable[code].hint;
    this.retryable = errorTable[code].retryable;
    this.details = options.details ?? '';
  }

  /** A failure as one that users can be told; what is no LabError is a fault of the house and says so. */
  static of(error: unknown): LabError {
    if (error instanceof LabError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new LabError('BPFLAB_INTERNAL', message, { cause: error });
  }

  /** What a front end is told over a comm. */
  get told(): { code: ErrorCode; message: string; hint: string } {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}
