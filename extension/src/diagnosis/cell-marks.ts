import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { StateEffect, type Text } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { DiagnosisItem } from 'kernel-gateway/protocol';

const severityOf = (severity: DiagnosisItem['severity']): Diagnostic['severity'] =>
  severity === 'note' ? 'info' : severity;

/**
 * Position in a document of a 1-based line and column (in UTF-16 code units; 0 means the line's start), kept inside the
 * document.
 */
export function positionOf(text: Text, line: number, column: number): number {
  const { from, to } = text.line(Math.min(Math.max(1, line), text.lines));
  return Math.min(from + Math.max(0, column - 1), to);
}

/** Where an item is in a document: its range, else the word it begins at, else the rest of its line. */
export function rangeOf(text: Text, item: DiagnosisItem): { from: number; to: number } {
  const from = positionOf(text, item.line, item.column);
  const line = text.lineAt(from);
  if (item.end_line > 0 && (item.end_line > item.line || item.end_column > item.column)) {
    const to = positionOf(text, item.end_line, item.end_column);
    // The verifier names whole lines: what is marked is their text, not the space before it.
    const indent = /^\s*/.exec(text.sliceString(from, to))?.[0].length ?? 0;
    if (from + indent < to) {
      return { from: from + indent, to };
    }
    if (indent > 0) {
      return { from: to, to: line.to };
    }
  }
  if (item.column === 0) {
    const indent = line.text.length - line.text.trimStart().length;
    return { from: line.from + indent, to: line.to };
  }
  const word = /^\w+/.exec(line.text.slice(from - line.from))?.[0] ?? '';
  return { from, to: Math.min(Math.max(from + word.length, from + 1), line.to) };
}

/** The text of an editor for which a run has set its marks. */
const markedByRun = new WeakMap<EditorView, Text>();

/** Editors that have the gutter for marks. */
const withGutter = new WeakSet<EditorView>();

/**
 * Marks places in a cell's editor, in place of those marked before. Items without a line, or of another file, are not
 * marked.
 */
export function markCell(view: EditorView, items: readonly DiagnosisItem[]): void {
  const placed = items.filter(item => item.line > 0 && item.file === '');
  const diagnostics = placed.map(item => ({
    ...rangeOf(view.state.doc, item),
    severity: severityOf(item.severity),
    message: item.message
  }));
  diagnostics.sort((a, b) => a.from - b.from || a.to - b.to);
  setMarks(view, diagnostics);
  markedByRun.set(view, view.state.doc);
}

/** Whether the marks of an editor are those of a run of the text that it has now. */
export function hasMarksOfRun(view: EditorView): boolean {
  return markedByRun.get(view) === view.state.doc;
}

/** Shows these marks (in order of their places) in place of those before; an editor without any gets no gutter. */
export function setMarks(view: EditorView, diagnostics: readonly Diagnostic[]): void {
  if (!withGutter.has(view)) {
    if (diagnostics.length === 0) {
      return;
    }
    withGutter.add(view);
    view.dispatch({ effects: StateEffect.appendConfig.of(lintGutter()) });
  }
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

/** Takes all marks away. */
export function clearMarks(view: EditorView): void {
  markedByRun.delete(view);
  if (withGutter.has(view)) {
    view.dispatch(setDiagnostics(view.state, []));
  }
}
