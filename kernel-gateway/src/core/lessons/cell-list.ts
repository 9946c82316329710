import { outputShape } from './compare-output.js';
import type { CellOrigin, LessonCell } from './lesson-source.js';
import { ENDLESS } from './map-command.js';
import type { TranscriptStep } from './read-transcript.js';

/** Longest output of a README that is kept to be compared with the real one. */
const MOST_EXPECTED = 16 * 1024;

/** Cells in their order, with keys that stay the same while the lesson around them changes. */
export class CellList {
  readonly #cells: LessonCell[] = [];
  readonly #keys = new Map<string, number>();
  #prose = '';
  #proseKey = '';
  /** Fence that the next cell stands for. */
  #readme: string | null = null;

  /** Text of the README as it is; a heading begins a new cell. */
  addProse(raw: string, isHeading: boolean): void {
    if (isHeading) this.#flush();
    if (this.#prose === '') this.#proseKey = isHeading ? `heading:${raw.trim().slice(0, 80)}` : '';
    this.#prose += raw;
  }

  /** The next code cell stands for this fence, whose text is in no other cell. */
  standFor(fence: string): void {
    this.#flush();
    this.#readme = fence;
  }

  addCode(key: string, source: string, origin: CellOrigin): void {
    this.#flush();
    const readme = this.#readme === null ? {} : { readme: this.#readme };
    this.#readme = null;
    this.#push({ type: 'code', key, source, origin: { ...origin, ...readme } });
  }

  /** A cell of a command; commands of one shell that follow each other share a cell. */
  addCommand(step: TranscriptStep, source: string, placeholders: string[]): void {
    const last = this.#cells.at(-1);
    const isPrinted = isPromise(step.output) && !/^%%make[^\n]*$/.test(source);
    const expected = isPrinted ? { expected: step.output.slice(0, MOST_EXPECTED) } : {};
    const isJoined =
      this.#prose === '' &&
      last?.origin.role === 'command' &&
      last.origin.expected === undefined &&
      isSh(source) &&
      headOf(last.source) === headOf(source) &&
      !ENDLESS.test(last.source);
    if (isJoined && this.#readme === null) {
      last.source += source.slice(headOf(source).length);
      last.origin = { ...last.origin, ...expected, original: `${last.origin.original}\n${step.command}` };
      return;
    }
    const asks = placeholders.length === 0 ? {} : { placeholders };
    this.addCode(`command:${step.command}`, source, { role: 'command', original: step.command, ...expected, ...asks });
  }

  addNote(role: 'note' | 'warning', source: string): void {
    this.#flush();
    this.#push({ type: 'markdown', key: `${role}:${this.#cells.at(-1)?.key ?? ''}`, source, origin: { role } });
  }

  addHeading(source: string): void {
    const isThere = this.#cells.some(cell => cell.origin.role === 'note' && cell.source === source);
    if (!isThere) this.addNote('note', source);
  }

  /** What the README says that the last command, or the cell of `file`, prints. The first that is said stays. */
  expect(output: string, file?: string): void {
    if (!isPromise(output) || (file === undefined && this.#isFar())) return;
    const runs = ({ type, origin }: LessonCell): boolean =>
      type === 'code' && (file === undefined ? origin.role === 'command' : origin.file === file);
    const cell = this.#cells.findLast(runs);
    if (cell) cell.origin.expected ??= output.slice(0, MOST_EXPECTED);
  }

  /** Whether a section ends between the last command and here. */
  #isFar(): boolean {
    const last = this.#cells.findLastIndex(({ origin }) => origin.role === 'command');
    const isHeading = (key: string): boolean => key.startsWith('heading:');
    return isHeading(this.#proseKey) || this.#cells.slice(last + 1).some(({ key }) => isHeading(key));
  }

  end(): LessonCell[] {
    this.#flush();
    return this.#cells;
  }

  #flush(): void {
    const source = this.#prose;
    this.#prose = '';
    if (source === '') return;
    const key = this.#proseKey === '' ? `after:${this.#cells.at(-1)?.key ?? ''}` : this.#proseKey;
    this.#push({ type: 'markdown', key, source, origin: { role: 'prose' } });
  }

  #push(cell: LessonCell): void {
    const count = (this.#keys.get(cell.key) ?? 0) + 1;
    this.#keys.set(cell.key, count);
    this.#cells.push(count === 1 ? cell : { ...cell, key: `${cell.key}#${count}` });
  }
}

/** What a program prints when it is asked how it is used. */
const HELP = /^\s*usage: /im;

/** Whether an output says more than that something was built or loaded. */
function isPromise(output: string): boolean {
  const { columns, keys, lines } = outputShape(output);
  return columns.length + keys.length + lines.length > 0 && !HELP.test(output);
}

const headOf = (source: string): string => source.split('\n', 1)[0] ?? '';
const isSh = (source: string): boolean => /^%%sh( --bg)?$/.test(headOf(source));
