import { readClangItem, utf16Column, type DiagnosticPlaces } from '../cells/clang-diagnostics.js';
import { NO_SEMICOLON } from '../cells/missing-semicolon.js';
import type { CheckedItem, DiagnosisFix, DiagnosisItem } from '../../protocol/index.js';

const FIX = /^fix-it:"((?:\\.|[^"\\])*)":\{(\d+):(\d+)-(\d+):(\d+)\}:"((?:\\.|[^"\\])*)"$/;

/** Clang escapes quotes, backslashes, line ends, tabs, and what is not printable as octal bytes. */
function unescaped(text: string): string {
  const bytes = text.replaceAll(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, char: string) =>
    octal === undefined ? ({ n: '\n', t: '\t' }[char] ?? char) : `%${parseInt(octal, 8).toString(16).padStart(2, '0')}`
  );
  if (bytes === text) return text;
  try {
    return decodeURIComponent(bytes.replaceAll(/%(?![0-9a-f]{2})/g, '%25'));
  } catch {
    return bytes;
  }
}

function readFix(line: string, places: DiagnosticPlaces): DiagnosisFix | null {
  const match = FIX.exec(line);
  if (match?.[1] !== places.cellFile) return null;
  const [fromLine, fromByte, toLine, toByte] = match.slice(2, 6).map(Number) as [number, number, number, number];
  return {
    line: fromLine,
    column: utf16Column(places.cellLines[fromLine - 1], fromByte),
    end_line: toLine,
    end_column: utf16Column(places.cellLines[toLine - 1], toByte),
    text: unescaped(match[6] ?? '')
  };
}

/** The fix of a message that clang itself would not have put there. */
const semicolonFixes = (item: DiagnosisItem): DiagnosisFix[] =>
  item.message === NO_SEMICOLON
    ? [{ line: item.line, column: item.end_column, end_line: item.line, end_column: item.end_column, text: ';' }]
    : [];

/**
 * Reads clang's messages with their fix-its (`-fdiagnostics-parseable-fixits`), each under the message that it belongs to.
 * Only fixes of the cell itself are kept; nothing throws.
 */
export function readCheckedItems(stderr: string, places: DiagnosticPlaces): CheckedItem[] {
  const items: CheckedItem[] = [];
  const seen = new Set<string>();
  let current: CheckedItem | null = null;
  for (const line of stderr.split('\n')) {
    if (line.length >= 10_000) continue;
    const fix = line.startsWith('fix-it:') ? readFix(line, places) : null;
    if (fix) current?.fixes.push(fix);
    const item = line.startsWith('fix-it:') ? null : readClangItem(line, places);
    if (!item) continue;
    const key = JSON.stringify(item);
    // What is said twice, as for a macro that names its argument twice, keeps the fixes of the first time.
    current = { ...item, fixes: semicolonFixes(item) };
    if (!seen.has(key)) items.push(current);
    seen.add(key);
  }
  return items;
}
