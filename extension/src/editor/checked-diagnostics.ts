import type { Action, Diagnostic } from '@codemirror/lint';
import type { Text } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CheckedItem, DiagnosisFix } from 'kernel-gateway/protocol';

interface IRange {
  from: number;
  to: number;
}

/** Offset of a 1-based line and column (UTF-16), kept inside the document. */
function offsetOf(text: Text, line: number, column: number): number {
  const { from, to } = text.line(Math.min(Math.max(1, line), text.lines));
  return Math.min(from + Math.max(0, column - 1), to);
}

/** Where a message is: its range, or what its line says when it names a line only. */
function rangeOf(text: Text, item: CheckedItem): IRange {
  const from = offsetOf(text, item.line, item.column);
  const line = text.lineAt(from);
  if (item.column === 0) {
    const indent = line.text.length - line.text.trimStart().length;
    return { from: line.from + indent, to: line.to };
  }
  const to = item.end_line > 0 ? offsetOf(text, item.end_line, item.end_column) : from;
  return { from, to: Math.min(Math.max(to, from + 1), text.length) };
}

function nameOf(fix: DiagnosisFix, old: string, trans: TranslationBundle): string {
  if (fix.text === '') {
    return trans.__('Remove "%1"', old);
  }
  return old === '' ? trans.__('Insert "%1"', fix.text.trim()) : trans.__('Change to "%1"', fix.text.trim());
}

/** All fixes of one message as one action: clang means them together. */
function actionsOf(text: Text, item: CheckedItem, trans: TranslationBundle): Action[] {
  const [first] = item.fixes;
  if (first === undefined) {
    return [];
  }
  const changes = item.fixes.map(fix => ({
    from: offsetOf(text, fix.line, fix.column),
    to: offsetOf(text, fix.end_line, fix.end_column),
    insert: fix.text
  }));
  const old = text.sliceString(changes[0]?.from ?? 0, changes[0]?.to ?? 0);
  return [
    { name: nameOf(first, old, trans), apply: (view: EditorView) => view.dispatch({ changes, userEvent: 'input.fix' }) }
  ];
}

const severities: Record<CheckedItem['severity'], Diagnostic['severity']> = {
  error: 'error',
  warning: 'warning',
  note: 'info'
};

/** The line that includes a file, for what is wrong within it; 0 when there is none. */
function includingLine(text: Text, file: string): number {
  for (let number = 1; number <= text.lines; number++) {
    const line = text.line(number).text;
    if (/^\s*#\s*include/.test(line) && line.includes(file)) {
      return number;
    }
  }
  return 0;
}

/**
 * Messages of the compiler as marks of an editor, sorted. A note goes with the message before it; what is wrong in a file
 * stands at the line that includes it.
 */
export function checkedDiagnostics(text: Text, items: readonly CheckedItem[], trans: TranslationBundle): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const item of items) {
    const isHere = item.file === '';
    const line = isHere ? item.line : includingLine(text, item.file);
    const last = found.at(-1);
    if (item.severity === 'note' && item.fixes.length === 0 && last !== undefined) {
      last.message += `\n${item.message}`;
    } else if (line > 0) {
      const placed = isHere ? item : { ...item, line, column: 0, end_line: 0, fixes: [] };
      found.push({
        ...rangeOf(text, placed),
        severity: severities[item.severity],
        message: isHere ? item.message : `${item.file}:${item.line}: ${item.message}`,
        actions: actionsOf(text, placed, trans)
      });
    }
  }
  return found.sort((a, b) => a.from - b.from || a.to - b.to);
}
