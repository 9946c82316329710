import type { SourceFile } from './lesson-source.js';

/** How a fence and a file go together. `drift` is empty when they are equal, white space aside. */
export interface ListingMatch {
  file: SourceFile;
  isExact: boolean;
}

/** A fence of fewer lines than this is never taken for a drifted file. */
const FEWEST_LINES = 5;
/** Part of the lines that both have, of the longer one's, from which on a fence is a listing of the file. */
const SAME_LISTING = 0.8;

const squash = (text: string): string => text.replace(/\s+/g, '');

/** Lines without white space and comments, so that a reformatted listing is still the same one. */
const codeLines = (text: string): string[] =>
  text
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
    .split('\n')
    .map(squash)
    .filter(line => line !== '');

function sharedLines(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const line of a) counts.set(line, (counts.get(line) ?? 0) + 1);
  let shared = 0;
  for (const line of b) {
    const left = counts.get(line) ?? 0;
    if (left === 0) continue;
    counts.set(line, left - 1);
    shared++;
  }
  return shared;
}

/** Files of a lesson, prepared for many questions. */
export class ListingIndex {
  readonly #exact = new Map<string, SourceFile>();
  #whole: readonly string[] | null = null;
  readonly #files: { file: SourceFile; lines: string[] }[];

  constructor(files: readonly SourceFile[]) {
    for (const file of files) {
      const key = squash(file.text);
      if (key !== '' && !this.#exact.has(key)) this.#exact.set(key, file);
    }
    this.#files = files.map(file => ({ file, lines: codeLines(file.text) }));
  }

  /** Whether a text of several lines is a part of a file, word for word. */
  isFragment(text: string): boolean {
    const part = squash(text);
    return text.trim().includes('\n') && part.length > 20 && this.#squashed().some(whole => whole.includes(part));
  }

  #squashed(): readonly string[] {
    return (this.#whole ??= this.#files.map(({ file }) => squash(file.text)));
  }

  /** The file that a fence's text is a whole listing of; null for fragments and prototypes. */
  match(text: string): ListingMatch | null {
    const exact = this.#exact.get(squash(text));
    if (exact) return { file: exact, isExact: true };
    const lines = codeLines(text);
    if (lines.length < FEWEST_LINES) return null;
    let best: { file: SourceFile; part: number } | null = null;
    for (const { file, lines: own } of this.#files) {
      const longer = Math.max(lines.length, own.length);
      if (Math.min(lines.length, own.length) < SAME_LISTING * longer) continue;
      const part = sharedLines(lines, own) / longer;
      if (part >= SAME_LISTING && part > (best?.part ?? 0)) best = { file, part };
    }
    return best && { file: best.file, isExact: false };
  }
}
