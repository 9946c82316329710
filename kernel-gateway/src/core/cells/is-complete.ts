import { parseCell } from './parse-cell.js';

const LEXEME = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\/\*|[(){}[\]]/g;
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** How brackets and comments of a C text stand at its end. */
function openAtEnd(text: string): 'closed' | 'open' | 'wrong' {
  const open: string[] = [];
  for (const [token] of text.matchAll(LEXEME)) {
    if (token === '/*') return 'open';
    if ('([{'.includes(token)) open.push(token);
    else if (token in CLOSING && open.pop() !== CLOSING[token]) return 'wrong';
  }
  return open.length > 0 || /\\\s*$/.test(text) ? 'open' : 'closed';
}

/**
 * Answers Jupyter's is_complete_request: may a console run this text, or is more to come? C is complete when brackets and
 * comments are closed and it does not end in the middle of a declaration.
 */
export function isComplete(text: string): 'complete' | 'incomplete' | 'invalid' {
  const cell = parseCell(text);
  if (cell.kind === 'invalid') return 'invalid';
  if (cell.kind !== 'bpf' && cell.kind !== 'user') return 'complete';
  const state = openAtEnd(cell.body);
  if (state === 'wrong') return 'invalid';
  const body = cell.body.replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '').trimEnd();
  const lastLine = body.slice(body.lastIndexOf('\n') + 1).trim();
  const isWhole = lastLine === '' ? text.endsWith('\n') : /[;}]$/.test(lastLine) || lastLine.startsWith('#');
  return state === 'closed' && isWhole ? 'complete' : 'incomplete';
}
