/** The type of the expression before a dot or an arrow. */
import { readTokens, tokenAt, type Token } from './c-tokens.js';
import { readDeclaration, splitList, type Declared } from './declaration.js';
import { fromText, type EditorType, type TypeWorld } from './type-world.js';

/** What names mean where the expression stands. */
export interface ExpressionScope {
  world: TypeWorld;
  variables: readonly Declared[];
  /** What a function returns, null when it is not known. */
  returnType(name: string): EditorType | null;
}

const MAX_STEPS = 100;

/** Index of the token that opens the bracket closed at `close`, -1 when there is none. */
function openingOf(tokens: readonly Token[], close: number): number {
  let depth = 0;
  for (let i = close; i >= 0; i--) {
    const { text, kind } = tokenAt(tokens, i);
    if (kind !== 'mark') continue;
    if (')]}'.includes(text)) depth++;
    else if ('([{'.includes(text) && --depth === 0) return i;
  }
  return -1;
}

/** Type of the postfix expression that ends with token `end`. */
function typeEndingAt(tokens: readonly Token[], end: number, scope: ExpressionScope, steps = 0): EditorType | null {
  const last = tokenAt(tokens, end);
  if (end < 0 || steps > MAX_STEPS) return null;
  if (last.text === ']') return typeEndingAt(tokens, openingOf(tokens, end) - 1, scope, steps + 1);
  if (last.text === ')') return typeOfBracket(tokens, end, scope, steps + 1);
  return last.kind === 'word' ? typeOfName(tokens, end, scope, steps) : null;
}

/** A variable, or a member of what stands before it. */
function typeOfName(tokens: readonly Token[], end: number, scope: ExpressionScope, steps: number): EditorType | null {
  const name = tokenAt(tokens, end).text;
  const before = tokenAt(tokens, end - 1).text;
  if (before === '->' || before === '.') {
    const owner = typeEndingAt(tokens, end - 2, scope, steps + 1);
    return owner ? (scope.world.member(owner, name)?.type ?? null) : null;
  }
  const variable = scope.variables.find(one => one.name === name);
  return variable ? fromText(variable.type) : null;
}

/** A call, a cast or an expression in brackets. */
function typeOfBracket(
  tokens: readonly Token[],
  close: number,
  scope: ExpressionScope,
  steps: number
): EditorType | null {
  const open = openingOf(tokens, close);
  if (open < 0) return null;
  const name = tokenAt(tokens, open - 1);
  const inner = tokens.slice(open + 1, close);
  if (name.kind === 'word') return typeOfCall(name.text, inner, scope, steps);
  const first = tokenAt(inner, 0);
  if (first.text === '(') {
    const cast = readCast(inner, scope);
    if (cast) return cast;
  }
  const start = inner.findIndex(token => token.text !== '&' && token.text !== '*');
  return typeEndingAt(inner.slice(Math.max(0, start)), inner.length - Math.max(0, start) - 1, scope, steps + 1);
}

/** `(struct x *)p` */
function readCast(tokens: readonly Token[], scope: ExpressionScope): EditorType | null {
  const close = tokens.findIndex(token => token.text === ')');
  if (close < 0 || close === tokens.length - 1) return null;
  // A declaration needs a name: one is put behind the cast's type.
  const name: Token = { kind: 'word', text: 'cast', start: 0, end: 0 };
  const declared = readDeclaration([...tokens.slice(1, close), name])[0];
  if (!declared || (declared.type.pointers === 0 && !scope.world.named(declared.type.base))) return null;
  return fromText(declared.type);
}

function typeOfCall(name: string, inner: Token[], scope: ExpressionScope, steps: number): EditorType | null {
  if (/^(BPF_CORE_READ|BPF_PROBE_READ|__builtin_preserve_access_index)/.test(name))
    return typeOfRead(inner, scope, steps);
  return scope.returnType(name);
}

/** Type of `BPF_CORE_READ(source, a.b, c)`, also while it is being typed. */
function typeOfRead(tokens: readonly Token[], scope: ExpressionScope, steps: number): EditorType | null {
  const [source = [], ...path] = splitList(tokens);
  let type = typeEndingAt(source, source.length - 1, scope, steps + 1);
  for (const token of path.flat()) {
    if (token.kind === 'word' && type) type = scope.world.member(type, token.text)?.type ?? null;
  }
  return type;
}

/** Type of the expression that ends where `text` ends; null when it is not known. `text` ends before the arrow. */
export function typeOfExpression(text: string, scope: ExpressionScope): EditorType | null {
  const tokens = readTokens(text);
  return typeEndingAt(tokens, tokens.length - 1, scope);
}

/** Type whose members are wanted as the next argument of BPF_CORE_READ and its like; `parts` are the arguments before it. */
export function typeOfPath(parts: readonly (readonly Token[])[], scope: ExpressionScope): EditorType | null {
  const comma: Token = { kind: 'mark', text: ',', start: 0, end: 0 };
  return typeOfRead(
    parts.flatMap((part, index) => (index === 0 ? part : [comma, ...part])),
    scope,
    0
  );
}
