/** A word of a command line and the columns (0-based, end exclusive) that it takes there. */
interface Word {
  text: string;
  start: number;
  end: number;
}

/** Words of a line, or why it cannot be split. */
export type SplitResult = { ok: true; words: Word[] } | { ok: false; message: string; column: number };

const DOUBLE_QUOTED_ESCAPES = '"\\$`';

/** Reads one quoted part; returns the column after it, or -1 when the quote is not closed. */
function readQuoted(line: string, from: number, append: (text: string) => void): number {
  const quote = line[from];
  let at = from + 1;
  while (at < line.length) {
    const char = line[at] as string;
    if (char === quote) return at + 1;
    const next = line[at + 1];
    if (char === '\\' && quote === '"' && next !== undefined && DOUBLE_QUOTED_ESCAPES.includes(next)) {
      append(next);
      at += 2;
    } else {
      append(char);
      at++;
    }
  }
  return -1;
}

/**
 * Splits a line into words as a POSIX shell does, with quoting by ' and " and by backslash, and with nothing expanded:
 * `$x`, globs and backticks stay as they are written.
 */
export function splitWords(line: string): SplitResult {
  const words: Word[] = [];
  let current: Word | null = null;
  let at = 0;
  while (at < line.length) {
    const char = line[at] as string;
    if (/\s/.test(char)) {
      current = null;
      at++;
      continue;
    }
    if (!current) words.push((current = { text: '', start: at, end: at }));
    const word: Word = current;
    const start = at;
    if (char === "'" || char === '"') {
      at = readQuoted(line, at, text => (word.text += text));
      if (at < 0) return { ok: false, message: `the quote ${char} is not closed`, column: start };
    } else if (char === '\\' && at + 1 < line.length) {
      word.text += line[at + 1] ?? '';
      at += 2;
    } else {
      word.text += char;
      at++;
    }
    word.end = at;
  }
  return { ok: true, words };
}

/** Writes a word so that `splitWords` reads it back as one. */
export function quoteWord(word: string): string {
  if (word !== '' && /^[\w@%+=:,./<>!-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
