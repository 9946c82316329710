import { closingOf, readTokens, tokenAt } from './c-tokens.js';
import { functionAt, type CellSource } from './cell-source.js';
import { readDeclaration, type Declared } from './declaration.js';

/**
 * Variables that are in sight at an offset, the nearest declaration first: locals of the function declared before it,
 * parameters, globals. Blocks are not told apart: a name that two blocks declare is there twice.
 */
export function variablesAt(text: string, source: CellSource, at: number): Declared[] {
  const inside = functionAt(source, at);
  if (!inside) return [...source.globals];
  const body = text.slice(inside.bodyStart, Math.max(inside.bodyStart, Math.min(at, inside.bodyEnd)));
  const locals = localsOf(body).map(one => ({ ...one, at: one.at + inside.bodyStart }));
  return [...locals.reverse(), ...inside.parameters, ...source.globals];
}

/** Declarations of a body's statements, those of nested blocks and `for` heads included, in order. */
function localsOf(body: string): Declared[] {
  const tokens = readTokens(body);
  const found: Declared[] = [];
  let from = 0;
  for (let i = 0; i < tokens.length; i++) {
    const { text } = tokenAt(tokens, i);
    const opensHead = text === '(' && tokenAt(tokens, i - 1).text === 'for';
    const isInitializer = text === '{' && tokenAt(tokens, i - 1).text === '=';
    if (isInitializer || text === '[') i = closingOf(tokens, i);
    else if (text === ';') found.push(...readDeclaration(tokens.slice(from, i)));
    if (text === ';' || text === '{' || text === '}' || text === ':' || opensHead) from = i + 1;
  }
  return found;
}
