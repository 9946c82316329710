/** The word around an offset, and the line up to the word's start. */
export interface WordAt {
  word: string;
  start: number;
  before: string;
}

/** The word around an offset; empty when there is none. */
export function wordAt(text: string, at: number): WordAt {
  const left = /\w*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? '';
  const right = /^\w*/.exec(text.slice(at, at + 200))?.[0] ?? '';
  const start = at - left.length;
  return { word: left + right, start, before: text.slice(text.lastIndexOf('\n', start - 1) + 1, start) };
}
