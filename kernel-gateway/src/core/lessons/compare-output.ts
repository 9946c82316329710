/**
 * The shape of an output: not what it says, since pids, times and names differ from run to run, but how its lines are made.
 * A line is a row of kinds of words; a table is a heading and the rows below it; `key=value` and `key: value` have keys.
 */
export interface OutputShape {
  /** Words of a heading in capitals; empty for an output without one. */
  columns: string[];
  /** Names before `=` and `:`, each once. */
  keys: string[];
  /** Kinds of lines, each once: its words by kind. */
  lines: string[];
}

/** What an output promises and a real one lacks. `isAlike`: it lacks nothing that can be told from its shape. */
export interface ShapeDifference {
  isAlike: boolean;
  missingColumns: string[];
  missingKeys: string[];
  /** An expected line whose kind no real line has, as it is written; empty when each has one. */
  missingLines: string[];
}

const MOST_LINES = 500;
const ELLIPSIS = /^(\.{2,}|…|\[\.{3}\]|\^C|)$/;
/** Begins of lines that a build or a loader prints, and that no program promises. */
const NOISE =
  /^(libbpf:|\[sudo\]|\s+(BPF|GEN-SKEL|CC|BINARY|MKDIR|LIB|AR|LINK)\s|Compiling bpf|Packing ebpf|Running eBPF)/;

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .slice(0, MOST_LINES)
    .map(line => line.trimEnd())
    .filter(line => !ELLIPSIS.test(line.trim()) && !NOISE.test(line));

/** A heading: two words or more, all in capitals, none a number. */
function headingOf(line: string): string[] | null {
  const words = line.trim().split(/\s+/);
  const isHeading = words.length > 1 && words.every(word => /^[A-Z][A-Z_/()%#-]*[A-Za-z)]*$/.test(word));
  return isHeading ? words : null;
}

/** What a word is, whatever it says. */
function kindOf(word: string): string {
  if (/^\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?$/.test(word)) return 'time';
  if (/^[-+]?\d+([.,]\d+)?%?$/.test(word)) return 'number';
  if (/^(0x)?[0-9a-f]{6,}$/i.test(word)) return 'hex';
  if (/^\d{1,3}(\.\d{1,3}){3}(:\d+)?$/.test(word) || /^[0-9a-f]*::?[0-9a-f:]+$/i.test(word)) return 'address';
  if (/^\S+-\d+$/.test(word)) return 'task';
  if (/^[*@|#-]{3,}$/.test(word)) return 'bar';
  return 'word';
}

/** Bars and runs of words have any length. */
const lineKind = (line: string): string => {
  const kinds = line
    .replace(/[|,:;()[\]=>"'-]+(?=\s|$)|(?<=\s|^)[|,:;()[\]=>"'-]+/g, ' ')
    .trim()
    .split(/\s+/)
    .filter(word => word !== '')
    .map(kindOf);
  return kinds.filter((kind, at) => kind !== 'bar' && !(kind === 'word' && kinds[at - 1] === 'word')).join(' ');
};

/** What of an output stays the same from run to run. */
export function outputShape(text: string): OutputShape {
  const lines = linesOf(text);
  const columns = lines.map(headingOf).find(words => words !== null) ?? [];
  const keys = new Set<string>();
  for (const line of lines)
    for (const [, name = ''] of line.matchAll(/(?:^|[\s,({])([A-Za-z_][\w ]{0,30}?)(?:=|:(?=\s+\S))/g))
      keys.add(name.trim());
  const kinds = lines.filter(line => headingOf(line) === null).map(lineKind);
  return { columns, keys: [...keys], lines: [...new Set(kinds)].filter(kind => kind !== '') };
}

/**
 * Compares what a lesson says that comes out with what came out, by shape: columns and keys that are missing, and kinds of
 * lines that no line has. A table's rows are told by their columns alone, since names may have any number of words.
 */
export function compareOutput(expected: string, real: string): ShapeDifference {
  const [wanted, seen] = [outputShape(expected), outputShape(real)];
  const upper = new Set(seen.columns.map(word => word.toUpperCase()));
  const missingColumns = wanted.columns.filter(word => !upper.has(word.toUpperCase()));
  const keys = new Set(seen.keys);
  const missingKeys = wanted.keys.filter(key => !keys.has(key));
  const kinds = new Set([...seen.lines, '']);
  const isTable = wanted.columns.length > 0;
  const lines = isTable ? [] : linesOf(expected).filter(line => headingOf(line) === null && !kinds.has(lineKind(line)));
  const missingLines = onePerKind(lines);
  const isAlike = missingColumns.length === 0 && missingKeys.length === 0 && missingLines.length === 0;
  return {
    isAlike: isAlike && (linesOf(real).length > 0 || linesOf(expected).length === 0),
    missingColumns,
    missingKeys,
    missingLines
  };
}

function onePerKind(lines: readonly string[]): string[] {
  const byKind = new Map(lines.map(line => [lineKind(line), line.trim()]));
  return [...byKind.values()];
}
