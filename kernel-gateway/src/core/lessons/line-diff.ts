/** Most lines of each side between equal ends that are compared one by one; longer ones are shown as replaced. */
const MOST_LINES = 1500;
const CONTEXT_LINES = 2;

type Row = readonly ['-' | '+' | ' ', string];

/** Whether two lines are the same. */
type SameLine = (a: string | undefined, b: string | undefined) => boolean;

const isEqual: SameLine = (a, b) => a === b;

/** White space aside: listings are indented as somebody likes. */
export const sameButForSpace: SameLine = (a, b) => a?.replace(/\s+/g, '') === b?.replace(/\s+/g, '');

/** Difference of two texts, line by line, in the form of `diff -u` without its head; empty when there is none. */
export function lineDiff(from: string, to: string, isSame: SameLine = isEqual): string {
  const [a, b] = [from.split('\n'), to.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && isSame(a[start], b[start])) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && isSame(a[a.length - 1 - end], b[b.length - 1 - end]))
    end++;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length === 0 && right.length === 0) return '';
  const middle =
    left.length > MOST_LINES || right.length > MOST_LINES ? replaced(left, right) : compare(left, right, isSame);
  const before = a.slice(Math.max(0, start - CONTEXT_LINES), start).map(line => [' ', line] as const);
  const after = a.slice(a.length - end, a.length - end + CONTEXT_LINES).map(line => [' ', line] as const);
  return [...before, ...folded(middle), ...after].map(([sign, line]) => `${sign}${line}`).join('\n');
}

const replaced = (left: string[], right: string[]): Row[] => [
  ...left.map(line => ['-', line] as const),
  ...right.map(line => ['+', line] as const)
];

/** Longest common subsequence. */
function compare(left: string[], right: string[], isSame: SameLine): Row[] {
  const width = right.length + 1;
  const longest = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      longest[i * width + j] = isSame(left[i], right[j])
        ? longest[(i + 1) * width + j + 1]! + 1
        : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const rows: Row[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && isSame(left[i], right[j])) {
      rows.push([' ', left[i]!]);
      i++;
      j++;
    } else if (i < left.length && (j >= right.length || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)) {
      rows.push(['-', left[i++]!]);
    } else rows.push(['+', right[j++]!]);
  }
  return rows;
}

/** Only what changed, with a few lines around it. */
function folded(rows: Row[]): Row[] {
  const isNear = (index: number): boolean =>
    rows.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some(([sign]) => sign !== ' ');
  return rows.flatMap((row, index) => {
    if (isNear(index)) return [row];
    return index > 0 && isNear(index - 1) ? [[' ', '…'] as const] : [];
  });
}
