import { helperPrototype } from './header-facts.js';
import { completeBpftrace } from './complete-bpftrace.js';
import { completeMagic } from './complete-magic.js';
import { plainItems, type Completion, type CompletionItem } from './completion.js';
import { isInComment } from './c-tokens.js';
import { textOfType } from './declaration.js';
import { editorContext, type EditorContext } from './editor-context.js';
import { enclosingCall } from './enclosing-call.js';
import { typeOfExpression, typeOfPath } from './expression-type.js';
import { helperPrograms } from './helper-programs.table.js';
import { helperUse } from './helper-use.table.js';
import { kernelFunctionText } from './kernel-function-text.js';
import type { LanguageFacts } from './language-facts.js';
import { completeSection } from './section-targets.js';
import type { EditorType } from './type-world.js';

/** Words that one answer has at most. */
const MAX_ITEMS = 300;

const HEADERS = [
  ...['vmlinux.h', 'bpf/bpf_helpers.h', 'bpf/bpf_tracing.h', 'bpf/bpf_core_read.h', 'bpf/bpf_endian.h'],
  'bpf/usdt.bpf.h'
];

const startsWith =
  (word: string) =>
  (item: CompletionItem): boolean =>
    item.text.startsWith(word) && item.text !== word;

function completeInclude(line: string, context: EditorContext): Completion | null {
  const typed = /^\s*#\s*include\s*["<]([\w./]*)$/.exec(line)?.[1];
  if (typed === undefined) return null;
  const names = [...context.facts.files.map(file => file.path), ...HEADERS].filter(name => name.startsWith(typed));
  return { items: plainItems('word', [...new Set(names)]), start: context.at - typed.length, end: context.at };
}

function completeSec(line: string, context: EditorContext): Completion | null {
  const section = /SEC\s*\(\s*"\??([^"]*)$/.exec(line)?.[1];
  if (section === undefined) return null;
  const items = plainItems('section', completeSection(section, context.facts));
  return { items, start: context.at - section.length, end: context.at };
}

/** Members of what stands before an arrow or a dot, or of the struct that BPF_CORE_READ has come to. */
function completeMember(before: string, context: EditorContext): Completion | null {
  const [, arrow, word = ''] = /(->|\.)\s*(\w*)$/.exec(before) ?? [];
  if (arrow !== undefined && !/\d\.\w*$/.test(before))
    return membersOf(typeOfOwner(before.slice(0, before.lastIndexOf(arrow)), context), word, context);
  const call = enclosingCall(context.text, context.at);
  if (
    !call ||
    !/^(BPF_CORE_READ|BPF_PROBE_READ|BPF_CORE_READ_USER|BPF_PROBE_READ_USER)(_STR_INTO|_INTO)?$/.test(call.name)
  )
    return null;
  const given = /INTO$/.test(call.name) ? call.parts.slice(1, -1) : call.parts.slice(0, -1);
  if (given.length === 0) return null;
  return membersOf(typeOfPath(given, context.scope), /\w*$/.exec(before)?.[0] ?? '', context);
}

/** Within a path argument, `a.b` goes on from what the arguments before it have come to. */
function typeOfOwner(before: string, context: EditorContext): EditorType | null {
  const call = enclosingCall(context.text, context.at);
  if (call && call.argument > 0 && /^BPF_(CORE|PROBE)_READ/.test(call.name) && !/->[^,]*$/.test(before)) {
    const last = call.parts.at(-1) ?? [];
    const path = last.slice(
      0,
      last.findLastIndex(token => token.text === '.')
    );
    const given = /INTO$/.test(call.name) ? call.parts.slice(1, -1) : call.parts.slice(0, -1);
    return typeOfPath([...given, path], context.scope);
  }
  return typeOfExpression(before.slice(-4000), context.scope);
}

function membersOf(type: EditorType | null, word: string, context: EditorContext): Completion {
  const members = type ? context.scope.world.members(type) : [];
  const items = members
    .filter(member => member.name.startsWith(word))
    .map(member => ({
      text: member.name,
      type: 'field' as const,
      signature: member.offsetBytes === null ? member.text : `${member.text}, offset ${member.offsetBytes}`
    }));
  return { items, start: context.at - word.length, end: context.at };
}

/** Tags behind `struct`, map types behind `__uint(type,`. */
function completeTag(before: string, context: EditorContext): Completion | null {
  const [, keyword, tag = ''] = /\b(struct|union|enum)\s+(\w*)$/.exec(before) ?? [];
  const { facts, at } = context;
  if (keyword !== undefined) {
    const own = [context.source, ...context.included.map(file => file.source)].flatMap(source =>
      source.records.map(record => record.name).filter(name => name.startsWith(`${keyword} `))
    );
    const kernel = facts.kernel?.namesFrom(keyword as 'struct', tag, MAX_ITEMS) ?? [];
    const names = [...new Set([...own.map(name => name.slice(keyword.length + 1)), ...kernel])];
    return { items: plainItems('struct', names).filter(startsWith(tag)), start: at - tag.length, end: at };
  }
  const typed = /__uint\s*\(\s*type\s*,\s*(\w*)$/.exec(before)?.[1];
  if (typed === undefined) return null;
  const names = facts.kernel?.enumeratorsFrom('BPF_MAP_TYPE_', MAX_ITEMS) ?? [];
  return {
    items: plainItems(
      'enum',
      names.filter(name => name.startsWith(typed))
    ),
    start: at - typed.length,
    end: at
  };
}

/** Helpers that the program may call, the common ones first, then the kernel's functions for BPF. */
function callables(word: string, context: EditorContext): CompletionItem[] {
  const { facts, programType } = context;
  const known = (id: string): boolean => !facts.kernel?.enumerator('BPF_FUNC_map_lookup_elem') || exists(id, facts);
  const helpers = [...facts.headers.helpers.values()]
    .filter(
      helper =>
        helper.name.startsWith(word) &&
        helperPrograms.may(programType, helper.name, facts.kernelRelease) &&
        known(helper.name)
    )
    .map(helper => ({ text: helper.name, type: 'function' as const, signature: helperPrototype(helper) }))
    .sort((a, b) => Number(!helperUse(a.text)) - Number(!helperUse(b.text)));
  const functions = (facts.kernel?.callable() ?? [])
    .filter(name => name.startsWith(word))
    .map(text => ({ text, type: 'function' as const, signature: kernelFunctionText(facts, text) }));
  return [...helpers, ...functions];
}

/** Whether the kernel at hand has a helper: its enum bpf_func_id names all. */
const exists = (helper: string, facts: LanguageFacts): boolean =>
  facts.kernel?.enumerator(`BPF_FUNC_${helper.slice(4)}`) !== null;

function ownNames(context: EditorContext): CompletionItem[] {
  const sources = [context.source, ...context.included.map(file => file.source)];
  const maps = sources.flatMap(source =>
    source.maps.map(map => ({
      text: map.name,
      type: 'map' as const,
      signature: `${map.type}: ${map.key} → ${map.value}`
    }))
  );
  return [
    ...context.variables.map(one => ({ text: one.name, type: 'variable' as const, signature: textOfType(one.type) })),
    ...maps,
    ...context.facts.maps.map(map => ({
      text: map.name,
      type: 'map' as const,
      signature: `${map.type} of ${map.run}`
    })),
    ...sources.flatMap(source => [
      ...plainItems(
        'function',
        source.functions.map(one => one.name)
      ),
      ...source.macros.map(one => ({ text: one.name, type: 'macro' as const, signature: one.parameters })),
      ...plainItems(
        'enum',
        source.records.flatMap(record => record.values.map(value => value.name))
      ),
      ...plainItems(
        'type',
        source.typedefs.map(one => one.name)
      )
    ])
  ];
}

function headerMacros(context: EditorContext): CompletionItem[] {
  return [...context.facts.headers.macros.values()].map(macro => ({
    text: macro.name,
    type: 'macro',
    signature: macro.parameters ? `${macro.name}(${macro.parameters.join(', ')})` : ''
  }));
}

function kernelNames(word: string, { facts: { kernel } }: EditorContext): CompletionItem[] {
  if (!kernel || word.length < 3) return [];
  return [
    ...plainItems('enum', kernel.enumeratorsFrom(word, 100)),
    ...plainItems(
      'type',
      kernel.namesFrom('typedef', word, 50).filter(name => !name.startsWith('btf_trace_'))
    )
  ];
}

/** Words of the cell itself. */
function wordsOf(text: string, word: string, at: number): CompletionItem[] {
  const around = text.slice(Math.max(0, at - 100_000), at + 100_000);
  const words = new Set(around.match(/[A-Za-z_]\w{2,}/g)?.filter(one => one.startsWith(word)));
  return plainItems('word', [...words].slice(0, 100));
}

function completeWord(before: string, context: EditorContext): Completion {
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
  const range = { start: context.at - word.length, end: context.at };
  if (word.length < 2 && !/&\w?$/.test(before)) return { items: [], ...range };
  if (word === '') {
    const items = ownNames(context).filter(item => item.type === 'map' || item.type === 'variable');
    return { items: unique(items), ...range };
  }
  const all = [
    ...ownNames(context),
    // A user program is no BPF program.
    ...(context.kind === 'user' ? [] : [...callables(word, context), ...headerMacros(context)]),
    ...kernelNames(word, context),
    ...wordsOf(context.text, word, context.at)
  ];
  return { items: unique(all.filter(startsWith(word))), ...range };
}

function unique(items: readonly CompletionItem[]): CompletionItem[] {
  const byText = new Map<string, CompletionItem>();
  for (const item of items) if (!byText.has(item.text)) byText.set(item.text, item);
  return [...byText.values()].slice(0, MAX_ITEMS);
}

function completeC(context: EditorContext): Completion {
  const before = context.text.slice(0, context.at);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const nothing = { items: [], start: context.at, end: context.at };
  if (isInComment(context.text, context.at)) return nothing;
  return (
    completeInclude(line, context) ??
    completeSec(line, context) ??
    completeMember(before.slice(-4000), context) ??
    completeTag(line, context) ??
    completeWord(line, context)
  );
}

/**
 * Answers Jupyter's complete_request: magics and their options in every cell, the rest by the cell's kind. Never throws,
 * whatever the text is.
 */
export function complete(text: string, cursor: number, facts: LanguageFacts): Completion {
  const context = editorContext(text, cursor, facts);
  const { at } = context;
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  const magic = completeMagic(line, at);
  if (magic) return magic;
  if (context.kind === 'bpftrace') return completeBpftrace(context);
  if (context.kind === 'bpf' || context.kind === 'user' || context.kind === 'file') return completeC(context);
  const word = /[\w-]*$/.exec(line)?.[0] ?? '';
  const items = word.length < 2 ? [] : wordsOf(text, word, at).filter(startsWith(word));
  return { items, start: at - word.length, end: at };
}
