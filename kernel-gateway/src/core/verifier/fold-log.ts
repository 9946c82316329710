/** Lines of a log that a notebook keeps: more than any log that somebody reads to its end, less than one that bursts the file. */
const HEAD_LINES = 1_000;
const TAIL_LINES = 19_000;

/** A log whose middle is folded; `lines` of it are left to the whole log. */
export interface FoldedLog {
  head: string;
  lines: number;
  tail: string;
}

/** Offset behind line number `count`, or before the last `count` lines when it is negative. */
function offsetOfLine(log: string, count: number): number {
  let at = count < 0 ? log.length : 0;
  for (let line = 0; line < Math.abs(count); line++) {
    at = count < 0 ? log.lastIndexOf('\n', at - 2) + 1 : log.indexOf('\n', at) + 1;
    if (at <= 0) return count < 0 ? 0 : log.length;
  }
  return at;
}

function countLines(log: string, from: number, to: number): number {
  let lines = 0;
  for (let at = log.indexOf('\n', from); at >= 0 && at < to; at = log.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Folds the middle of a log of millions of lines; null when it can be kept as it is. */
export function foldLog(log: string): FoldedLog | null {
  const headEnd = offsetOfLine(log, HEAD_LINES);
  const tailStart = offsetOfLine(log, -TAIL_LINES);
  if (tailStart <= headEnd) return null;
  return { head: log.slice(0, headEnd), lines: countLines(log, headEnd, tailStart), tail: log.slice(tailStart) };
}

/** The folded log as it is shown, with a line that says where the rest is. */
export const foldedText = ({ head, lines, tail }: FoldedLog, file: string): string =>
  `${head}… ${lines} lines are folded here; the whole log is in ${file} beside the notebook.\n${tail}`;
