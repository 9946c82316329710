import { editorContext, type EditorContext } from './editor-context.js';
import { typeOfExpression } from './expression-type.js';
import type { CellSource } from './cell-source.js';
import { wordAt } from './word-at.js';
import type { LanguageFacts } from './language-facts.js';

/**
 * Where a name is defined: at an offset of the cell or of a file of the session; on a line (1-based) of a header of
 * libbpf; or as a type, value or function of the kernel, of which the place in vmlinux.h is still to be looked up.
 */
export type Definition =
  | { kind: 'cell'; at: number }
  | { kind: 'file'; path: string; at: number }
  | { kind: 'header'; header: string; line: number }
  | { kind: 'kernel'; name: string; member: string };

/** Offset at which a source declares a name, -1 when it does not. */
function declaredAt(source: CellSource, name: string, keyword: string): number {
  const records = source.records.filter(one => one.name.endsWith(` ${name}`));
  if (keyword !== '') return records.find(one => one.name === `${keyword} ${name}`)?.at ?? -1;
  const all = [
    ...source.functions,
    ...source.maps,
    ...source.macros,
    ...source.typedefs,
    ...source.globals,
    ...source.records.flatMap(record => record.values)
  ];
  return all.find(one => one.name === name)?.at ?? records[0]?.at ?? -1;
}

function memberDefinition(before: string, word: string, context: EditorContext): Definition | null {
  const arrow = /(->|\.)\s*$/.exec(before);
  if (!arrow) return null;
  const owner = typeOfExpression(before.slice(0, arrow.index), context.scope);
  if (!owner || !context.scope.world.member(owner, word)) return null;
  const own = [{ path: '', source: context.source }, ...context.included];
  const base = owner.from === 'text' ? owner.type.base : '';
  for (const { path, source } of own) {
    const record = source.records.find(one => one.name === base && one.name.includes(' '));
    const member = record?.members.find(one => one.name === word);
    if (member) return path === '' ? { kind: 'cell', at: member.at } : { kind: 'file', path, at: member.at };
  }
  const record = context.scope.world.recordName(owner);
  return record === null ? null : { kind: 'kernel', name: record, member: word };
}

function nameDefinition(before: string, word: string, context: EditorContext): Definition | null {
  const keyword = /\b(struct|union|enum)\s+$/.exec(before)?.[1] ?? '';
  const variable = keyword === '' ? context.variables.find(one => one.name === word) : undefined;
  const at = variable?.at ?? declaredAt(context.source, word, keyword);
  if (at >= 0) return { kind: 'cell', at };
  for (const { path, source } of context.included) {
    const place = declaredAt(source, word, keyword);
    if (place >= 0) return { kind: 'file', path, at: place };
  }
  const { helpers, macros } = context.facts.headers;
  const helper = helpers.get(word);
  if (helper) return { kind: 'header', header: 'bpf/bpf_helper_defs.h', line: helper.line };
  const macro = macros.get(word);
  if (macro) return { kind: 'header', header: `bpf/${macro.header}`, line: macro.line };
  return { kind: 'kernel', name: keyword === '' ? word : `${keyword} ${word}`, member: '' };
}

/** `#include "x"`: the file itself. */
function includeDefinition(line: string, context: EditorContext): Definition | null {
  const name = /^\s*#\s*include\s*["<]([^">]+)[">]/.exec(line)?.[1];
  if (name === undefined) return null;
  const file = context.facts.files.find(one => one.path === name);
  return file ? { kind: 'file', path: file.path, at: 0 } : { kind: 'header', header: name, line: 1 };
}

/** Where the name at the cursor is defined, null when there is no name. Never throws, whatever the text is. */
export function definitionAt(text: string, cursor: number, facts: LanguageFacts): Definition | null {
  const context = editorContext(text, cursor, facts);
  const lineStart = context.text.lastIndexOf('\n', context.at - 1) + 1;
  const line = context.text.slice(lineStart).split('\n', 1)[0] ?? '';
  const include = includeDefinition(line, context);
  if (include) return include;
  const { word, before } = wordAt(context.text, context.at);
  if (word === '' || /^\d/.test(word)) return null;
  return memberDefinition(before, word, context) ?? nameDefinition(before, word, context);
}
