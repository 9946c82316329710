import { programKind } from '../object/program-type.js';
import { functionAt, readSource, type CellSource, type SourceFunction } from './cell-source.js';
import type { Declared } from './declaration.js';
import type { ExpressionScope } from './expression-type.js';
import type { HelperFact } from './header-facts.js';
import type { LanguageFacts } from './language-facts.js';
import { variablesAt } from './scope.js';
import { fromText, TypeWorld, type EditorType } from './type-world.js';

/** What a request of the editor is about; offsets are those of the user's text. */
export interface EditorContext {
  facts: LanguageFacts;
  /** Name of the cell's magic without %%; "bpf" for a cell that has none. */
  kind: string;
  /** The text, with the magic's line as blanks, so that all of it is C (or what the cell is of). */
  text: string;
  at: number;
  source: CellSource;
  /** Sources of the session's headers that the cell includes, in their order. */
  included: readonly { path: string; source: CellSource }[];
  inside: SourceFunction | null;
  /** libbpf's name of the type of the program that the cursor is in; empty when it is in none. */
  programType: string;
  variables: readonly Declared[];
  scope: ExpressionScope;
}

const MAGIC_LINE = /^(?:[ \t]*(?:\/\/[^\n]*|#[ \t][^\n]*)?\r?\n)*[ \t]*%%(\w+)[^\n]*/;

/** The cell's kind by its magic, and the text with blanks in its place. */
export function withoutMagic(text: string): { kind: string; text: string; bodyAt: number } {
  const match = MAGIC_LINE.exec(text);
  if (!match) return { kind: /^\s*%\w/.test(text) ? 'lines' : 'bpf', text, bodyAt: 0 };
  const [head] = match;
  return {
    kind: match[1] ?? '',
    text: head.replaceAll(/[^\r\n]/g, ' ') + text.slice(head.length),
    bodyAt: Math.min(text.length, head.length + 1)
  };
}

/** Type of the program that an offset is in. A function without a SEC counts as the only kind that the cell has, if it is one. */
function programTypeAt(source: CellSource, inside: SourceFunction | null): string {
  const sections = inside?.section
    ? [inside.section]
    : inside
      ? source.functions.flatMap(one => one.section ?? [])
      : [];
  const types = new Set(sections.map(section => programKind(section).type).filter(type => type !== 'unknown'));
  return types.size === 1 ? ([...types][0] ?? '') : '';
}

/** Of a text that is longer, so much on each side of the cursor is read: an answer must not take longer with it. */
const MAX_SIDE = 48 * 1024;
/** Longer headers of the session are not read. */
const MAX_HEADER = 128 * 1024;

/** The part of a text around an offset, at its own offsets. */
function around(text: string, at: number): string {
  if (text.length <= 2 * MAX_SIDE) return text;
  const from = Math.max(0, at - MAX_SIDE);
  return ' '.repeat(from) + text.slice(from, at + MAX_SIDE);
}

/** Reads a cell for one request; never throws, whatever the text is. `cursor` is kept inside the text. */
export function editorContext(text: string, cursor: number, facts: LanguageFacts): EditorContext {
  const at = Math.max(0, Math.min(Number.isFinite(cursor) ? Math.floor(cursor) : 0, text.length));
  const plain = withoutMagic(text);
  const source = readSource(around(plain.text, at));
  const included = facts.files
    .filter(file => file.text.length <= MAX_HEADER)
    .map(file => ({ path: file.path, source: readSource(file.text) }));
  const world = new TypeWorld(facts.kernel, [source, ...included.map(file => file.source)]);
  const inside = functionAt(source, at);
  const variables = variablesAt(plain.text, source, at);
  const scope = { world, variables, returnType: (name: string) => returnType(name, source, facts) };
  const programType = programTypeAt(source, inside);
  return { facts, kind: plain.kind, text: plain.text, at, source, included, inside, programType, variables, scope };
}

/** What a function of the cell, a helper or a kernel function returns. */
function returnType(name: string, source: CellSource, facts: LanguageFacts): EditorType | null {
  const own = source.functions.find(one => one.name === name)?.returns;
  if (own) return fromText(own);
  const helper = facts.headers.helpers.get(name);
  if (helper) return fromText(textTypeOf(helper));
  const prototype = facts.kernel?.prototype(name);
  return prototype ? { from: 'kernel', id: prototype.returns } : null;
}

function textTypeOf(helper: HelperFact): { base: string; pointers: number; arrays: string[]; members: null } {
  const base = helper.returns.replaceAll(/\*|\bconst\b/g, '').trim();
  return { base, pointers: helper.returns.split('*').length - 1, arrays: [], members: null };
}
