import type { DiagnosisItem } from '../../protocol/index.js';
import { missingSemicolon } from './missing-semicolon.js';

/** Where the compiler's files are: its name for the cell, and the folder of the session's files as it sees it. */
export interface DiagnosticPlaces {
  cellFile: string;
  sessionFolder: string;
  /** Lines of the cell, to turn the compiler's byte columns into columns of the editor. */
  cellLines: readonly string[];
}

const MESSAGE =
  /^(?:([^\s:][^:\n]*):(\d+):(\d+):((?:\{\d+:\d+-\d+:\d+\})*)(?::)? ?)?(?:(fatal error|error|warning|note|remark): )(.*)$/;
const BACKEND_PLACE = /^([^\s:][^:]*):(\d+):(\d+): (.*)$/;
const RANGE = /\{(\d+):(\d+)-(\d+):(\d+)\}/g;

/** UTF-16 column (1-based) of a byte column (1-based) in a line. */
export function utf16Column(line: string | undefined, byteColumn: number): number {
  if (line === undefined) return byteColumn;
  let bytes = 1;
  let column = 1;
  for (const char of line) {
    if (bytes >= byteColumn) break;
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    column += char.length;
  }
  return column;
}

/** End (line, byte column, exclusive) of the range that holds the place; null when there is none. */
function rangeEnd(ranges: string, line: number, column: number): { line: number; column: number } | null {
  for (const match of ranges.matchAll(RANGE)) {
    const [fromLine, fromColumn, toLine, toColumn] = match.slice(1).map(Number) as [number, number, number, number];
    const startsBefore = fromLine < line || (fromLine === line && fromColumn <= column);
    const endsAfter = toLine > line || (toLine === line && toColumn > column);
    if (startsBefore && endsAfter) return { line: toLine, column: toColumn };
  }
  return null;
}

/** Length of the word at a column (1-based), at least 1. */
function wordLength(text: string | undefined, column: number): number {
  return Math.max(1, /^\w+/.exec(text?.slice(column - 1) ?? '')?.[0].length ?? 1);
}

function fileOf(path: string, places: DiagnosticPlaces): string {
  if (path === places.cellFile) return '';
  if (path.startsWith(`${places.sessionFolder}/`)) return path.slice(places.sessionFolder.length + 1);
  return path.slice(path.lastIndexOf('/') + 1);
}

const SEVERITIES: Readonly<Record<string, DiagnosisItem['severity']>> = {
  warning: 'warning',
  note: 'note',
  remark: 'note'
};

interface RawMessage {
  severity: DiagnosisItem['severity'];
  path: string;
  line: number;
  column: number;
  ranges: string;
  message: string;
}

function readMessage(text: string): RawMessage | null {
  const match = MESSAGE.exec(text);
  if (!match) return null;
  const [path, line, column, ranges, word, message] = match.slice(1).map(part => (part as string | undefined) ?? '');
  return backendPlace({
    severity: SEVERITIES[word ?? ''] ?? 'error',
    path: path ?? '',
    line: Number(line),
    column: Number(column),
    ranges: ranges ?? '',
    message: message ?? ''
  });
}

/** The BPF backend writes the place behind the word "error:". */
function backendPlace(raw: RawMessage): RawMessage {
  const match = raw.path === '' ? BACKEND_PLACE.exec(raw.message) : null;
  if (!match) return raw;
  const [, path = '', line, column, message = ''] = match;
  return { ...raw, path, line: Number(line), column: Number(column), message };
}

/** The message that one line of clang's output is, null for every other line. */
export function readClangItem(text: string, places: DiagnosticPlaces): DiagnosisItem | null {
  const raw = readMessage(text);
  if (!raw) return null;
  const { severity, message, line } = raw;
  if (raw.path === '' || raw.path.startsWith('<'))
    return { severity, line: 0, column: 0, end_line: 0, end_column: 0, message, file: '' };
  const file = fileOf(raw.path, places);
  const lineText = (number: number): string | undefined => (file === '' ? places.cellLines[number - 1] : undefined);
  const column = utf16Column(lineText(line), raw.column);
  const range = rangeEnd(raw.ranges, line, raw.column);
  const end = range
    ? { line: range.line, column: utf16Column(lineText(range.line), range.column) }
    : { line, column: column + wordLength(lineText(line), column) };
  const item = { severity, line, column, end_line: end.line, end_column: end.column, message, file };
  return missingSemicolon(item, places.cellLines) ?? item;
}

/**
 * Reads clang's messages (`-fdiagnostics-print-source-range-info`): errors, warnings and their notes in clang's order, at
 * places in the cell; a place in another file keeps that file's name. Lines that are no message (source, carets, counts)
 * are skipped, and so is what was said before, as for a macro that names its argument twice. Never throws.
 */
export function readClangDiagnostics(stderr: string, places: DiagnosticPlaces): DiagnosisItem[] {
  const items: DiagnosisItem[] = [];
  const seen = new Set<string>();
  for (const line of stderr.split('\n')) {
    const item = line.length < 10_000 ? readClangItem(line, places) : null;
    const key = JSON.stringify(item);
    if (item && !seen.has(key)) items.push(item);
    seen.add(key);
  }
  return items;
}

/** The compiler's output for people: without the source ranges that are for machines and the folder that is ours. */
export function readableDiagnostics(stderr: string, sessionFolder: string): string {
  return stderr
    .replaceAll(/^((?:[^\s:][^:\n]*):\d+:\d+:)(?:\{\d+:\d+-\d+:\d+\})+:/gm, '$1')
    .replaceAll(`${sessionFolder}/`, '');
}
