import { closingOf, tokenAt, type Token } from './c-tokens.js';

/** A type as the text writes it: `base` is "struct task_struct", "u32", "unsigned long"; "" for what is not understood. */
export interface TextType {
  base: string;
  pointers: number;
  /** Lengths of the dimensions, as text. */
  arrays: string[];
  /** Members of a struct or union that is written in place. */
  members: Declared[] | null;
}

/** A name that a text declares; `at` is the offset of the name. */
export interface Declared {
  name: string;
  type: TextType;
  at: number;
}

const QUALIFIERS =
  /^(const|volatile|restrict|static|extern|inline|register|auto|typedef|__always_inline|__noinline|__hidden|__weak|__ksym|__kconfig|__arg_\w+|__kptr|__percpu|__rcu|__user|__u?aligned|__attribute__|_Atomic|__extension__|__restrict|__bpf_fastcall|SEC)$/;
const NUMBER_WORDS = /^(void|char|short|int|long|signed|unsigned|float|double|_Bool|bool)$/;
const NO_TYPE =
  /^(return|goto|case|default|break|continue|else|if|for|while|do|switch|sizeof|typeof|__typeof__|asm|__asm__)$/;

/** Moves over qualifiers and attributes, with the brackets that belong to them. */
function skipQualifiers(tokens: readonly Token[], from: number): number {
  let i = from;
  while (i < tokens.length) {
    const { kind, text } = tokenAt(tokens, i);
    if (kind === 'directive') i++;
    else if (kind === 'word' && QUALIFIERS.test(text))
      i = tokenAt(tokens, i + 1).text === '(' ? closingOf(tokens, i + 1) + 1 : i + 1;
    else break;
  }
  return i;
}

interface Base {
  base: string;
  members: Declared[] | null;
  next: number;
}

/** Structs in structs are read so deep. */
const MAX_DEPTH = 16;

function readTagged(tokens: readonly Token[], at: number, depth: number): Base {
  const keyword = tokenAt(tokens, at).text;
  let next = skipQualifiers(tokens, at + 1);
  const tag = tokenAt(tokens, next).kind === 'word' ? tokenAt(tokens, next++).text : '';
  next = skipQualifiers(tokens, next);
  let members: Declared[] | null = null;
  if (tokenAt(tokens, next).text === '{') {
    const close = closingOf(tokens, next);
    members = keyword === 'enum' || depth >= MAX_DEPTH ? [] : readMembers(tokens.slice(next + 1, close), depth + 1);
    next = close + 1;
  }
  return { base: tag === '' ? keyword : `${keyword} ${tag}`, members, next };
}

/** The type before the declarators; null when the tokens do not begin with one. */
function readBase(tokens: readonly Token[], from: number, depth: number): Base | null {
  let next = skipQualifiers(tokens, from);
  const first = tokenAt(tokens, next);
  if (first.kind !== 'word' || NO_TYPE.test(first.text)) return null;
  if (/^(struct|union|enum)$/.test(first.text)) return readTagged(tokens, next, depth);
  const words: string[] = [];
  while (NUMBER_WORDS.test(tokenAt(tokens, next).text)) {
    words.push(tokenAt(tokens, next).text);
    next = skipQualifiers(tokens, next + 1);
  }
  if (words.length > 0) return { base: words.join(' '), members: null, next };
  return { base: first.text, members: null, next: next + 1 };
}

/** `(*name)(…)` and `(*name)[n]`: the name, behind the star. */
function readNested(tokens: readonly Token[], open: number): { name: Token; next: number } | null {
  const close = closingOf(tokens, open);
  const inner = tokens.slice(open + 1, close);
  if (tokenAt(inner, 0).text !== '*') return null;
  const name = inner.find(token => token.kind === 'word' && !QUALIFIERS.test(token.text));
  return name ? { name, next: close + 1 } : null;
}

interface Declarator {
  declared: Declared;
  next: number;
}

/** Lengths between the brackets that follow a name. */
function readArrays(tokens: readonly Token[], from: number): { arrays: string[]; next: number } {
  const arrays: string[] = [];
  let next = from;
  while (tokenAt(tokens, next).text === '[') {
    const close = closingOf(tokens, next);
    const inner = tokens.slice(next + 1, close);
    arrays.push(inner.map(token => token.text).join(' '));
    next = close + 1;
  }
  return { arrays, next };
}

function readStars(tokens: readonly Token[], from: number): { pointers: number; next: number } {
  let next = skipQualifiers(tokens, from);
  let pointers = 0;
  while (tokenAt(tokens, next).text === '*') {
    pointers++;
    next = skipQualifiers(tokens, next + 1);
  }
  return { pointers, next };
}

function readDeclarator(tokens: readonly Token[], from: number, base: Base): Declarator | null {
  const stars = readStars(tokens, from);
  const nested = tokenAt(tokens, stars.next).text === '(' ? readNested(tokens, stars.next) : null;
  const name = nested?.name ?? tokenAt(tokens, stars.next);
  if (name.kind !== 'word' || NO_TYPE.test(name.text)) return null;
  const { arrays, next } = readArrays(tokens, nested?.next ?? stars.next + 1);
  if (nested && tokenAt(tokens, next).text === '(')
    return {
      declared: { name: name.text, type: { base: '', pointers: 0, arrays, members: null }, at: name.start },
      next
    };
  const pointers = stars.pointers + (nested ? 1 : 0);
  return {
    declared: { name: name.text, type: { base: base.base, pointers, arrays, members: base.members }, at: name.start },
    next
  };
}

/** Index of the comma that ends a declarator (initializer, width, attributes), or the length. */
function endOfDeclarator(tokens: readonly Token[], from: number): number {
  for (let i = from; i < tokens.length; i++) {
    const { text } = tokenAt(tokens, i);
    if (text === ',') return i;
    if ('([{'.includes(text) && text !== '') i = closingOf(tokens, i);
  }
  return tokens.length;
}

/**
 * The names that one declaration declares; `tokens` end before its semicolon. Empty when it is a statement.
 * `struct x { … };` declares no name, but an unnamed struct within a struct does: its members, under the name "".
 */
export function readDeclaration(tokens: readonly Token[], depth = 0): Declared[] {
  const base = readBase(tokens, 0, depth);
  if (!base) return [];
  const found: Declared[] = [];
  let next = base.next;
  while (next < tokens.length) {
    const one = readDeclarator(tokens, next, base);
    if (!one) break;
    found.push(one.declared);
    next = endOfDeclarator(tokens, one.next) + 1;
  }
  if (found.length === 0 && base.members && next >= tokens.length)
    found.push({
      name: '',
      type: { base: base.base, members: base.members, pointers: 0, arrays: [] },
      at: tokenAt(tokens, 0).start
    });
  return found;
}

/** The members of a struct; `tokens` are those between its braces. */
export function readMembers(tokens: readonly Token[], depth = 0): Declared[] {
  const found: Declared[] = [];
  let from = 0;
  for (let i = 0; i < tokens.length; i++) {
    const { text } = tokenAt(tokens, i);
    if (text === '{' || text === '(') i = closingOf(tokens, i);
    else if (text === ';') {
      found.push(...readDeclaration(tokens.slice(from, i), depth));
      from = i + 1;
    }
  }
  return found;
}

/** Parts of a list between brackets, split at its own commas. */
export function splitList(tokens: readonly Token[]): Token[][] {
  if (tokens.length === 0) return [];
  const parts: Token[][] = [];
  let from = 0;
  while (from <= tokens.length) {
    const end = endOfDeclarator(tokens, from);
    parts.push(tokens.slice(from, end));
    from = end + 1;
  }
  return parts;
}

/** A type as C writes it. */
export function textOfType(type: TextType): string {
  const stars = type.pointers > 0 ? ` ${'*'.repeat(type.pointers)}` : '';
  return `${type.base}${stars}${type.arrays.map(length => `[${length}]`).join('')}`;
}
