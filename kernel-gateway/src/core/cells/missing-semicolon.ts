import type { DiagnosisItem } from '../../protocol/index.js';

const COMMENT = /\/\/.*$|\/\*.*?\*\//g;
/** In the compiler's words. */
export const NO_SEMICOLON = "expected ';' at the end of the line";

/** What goes on in the next line, or is complete without a semicolon. */
const NO_STATEMENT = /^\s*(?:#|(?:if|else|for|while|do|switch|SEC)\b)/;

/**
 * The place in the cell where clang's "expected expression" has its cause: a macro such as `bpf_printk` begins with `({`,
 * so a statement before it that lacks its semicolon reads as a call, and clang complains of the macro. Null for every
 * other message.
 */
export function missingSemicolon(item: DiagnosisItem, lines: readonly string[]): DiagnosisItem | null {
  if (item.message !== 'expected expression' || item.file !== '') return null;
  const text = lines[item.line - 1] ?? '';
  if (!/^\s*$/.test(text.slice(0, item.column - 1)) || !/^\w/.test(text.slice(item.column - 1))) return null;
  for (let line = item.line - 1; line > 0; line--) {
    const code = (lines[line - 1] ?? '').replaceAll(COMMENT, '').trimEnd();
    if (code === '') continue;
    if (NO_STATEMENT.test(code) || !/[\w)\]"']$/.test(code)) return null;
    const column = code.length;
    return { ...item, line, column, end_line: line, end_column: column + 1, message: NO_SEMICOLON };
  }
  return null;
}
