import { compareOutput } from '../lessons/compare-output.js';
import type { CellOutput } from '../session/ports.js';

/** Longest real output that is compared. */
const MOST_CHARACTERS = 64 * 1024;

/**
 * What a cell of an imported lesson prints, held against what the lesson says that it prints. The lesson's text comes with
 * the request, in the cell's metadata (`bpflab.lesson.expected`).
 */
export class ExpectedOutput {
  readonly #expected: string;
  #real = '';

  private constructor(expected: string) {
    this.#expected = expected;
  }

  /** Null for a cell of which nothing is expected. */
  static of(metadata: Record<string, unknown>): ExpectedOutput | null {
    const ours = metadata['bpflab'] as { lesson?: { expected?: unknown } } | null | undefined;
    const expected = ours?.lesson?.expected;
    return typeof expected === 'string' && expected.trim() !== '' ? new ExpectedOutput(expected) : null;
  }

  take(output: CellOutput): void {
    if (output.kind === 'stream' && output.name === 'stdout' && this.#real.length < MOST_CHARACTERS)
      this.#real += output.text;
  }

  /** What is shown under the cell; null when it has printed nothing itself, as one whose run goes on. */
  result(): CellOutput | null {
    if (this.#real.trim() === '') return null;
    const { isAlike, missingColumns, missingKeys, missingLines } = compareOutput(this.#expected, this.#real);
    const missing = [
      ...missingColumns.map(name => `column ${name}`),
      ...missingKeys.map(name => `"${name}"`),
      ...missingLines.slice(0, 3).map(line => `a line such as "${line.slice(0, 100)}"`)
    ];
    const text = isAlike
      ? '✓ The output has the form that the lesson shows.'
      : `≠ The lesson shows what did not come out: ${missing.join(', ')}.`;
    return { kind: 'display', displayId: '', data: { 'text/plain': text }, update: false };
  }
}
