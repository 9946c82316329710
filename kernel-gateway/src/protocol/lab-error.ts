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
}
