import { helpText } from '../cells/help.js';
import { findMagic } from '../cells/magic.table.js';
import { sectionMeaningTable } from '../cells/section-meaning.table.js';
import type { KernelNameKind } from '../object/btf-on-demand.js';
import { definitionOf } from '../session/c-definition.js';
import { programKind } from '../object/program-type.js';
import { bpftraceBuiltins, bpftraceFunctions, bpftraceProbes } from './bpftrace.table.js';
import type { SourceMap } from './cell-source.js';
import { textOfType } from './declaration.js';
import { editorContext, type EditorContext } from './editor-context.js';
import { typeOfExpression } from './expression-type.js';
import { helperPrototype, type HelperFact, type MacroFact } from './header-facts.js';
import { helperPrograms } from './helper-programs.table.js';
import { helperRelease } from './helper-since.table.js';
import { helperUse } from './helper-use.table.js';
import { kernelFunctionText } from './kernel-function-text.js';
import type { LanguageFacts } from './language-facts.js';
import { contextType } from './section-targets.js';
import type { EditorMember } from './type-world.js';
import { wordAt, type WordAt } from './word-at.js';

/** Lines of a struct that are shown; %btf shows all. */
const MAX_LINES = 200;

const paragraphs = (...parts: (string | null | undefined)[]): string =>
  parts.filter(part => part !== null && part !== undefined && part !== '').join('\n\n');

function inspectMagic(line: string): string | null {
  const [, prefix = '', name = ''] = /^\s*(%%?)(\w+)/.exec(line) ?? [];
  return findMagic(prefix === '%%' ? 'cell' : 'line', name) ? helpText(prefix + name) : null;
}

/** Names may say more than the table's forms: kprobe.multi/… before kprobe/…. */
function meaningOf(section: string, facts: LanguageFacts): string | null {
  const name = section.replace(/^\?/, '');
  const row =
    sectionMeaningTable.find(one => one.form === name) ??
    sectionMeaningTable.find(one => one.form.split('/')[0] === name.split('/')[0]);
  const { type } = programKind(name);
  if (!row && type === 'unknown') return null;
  const context = contextType(type, name, facts);
  const target = /^(?:kprobe|kretprobe|fentry|fexit|fmod_ret)(?:\.s)?\/(\w+)$/.exec(name)?.[1];
  return paragraphs(
    `SEC("${row?.form ?? name}")`,
    row?.meaning,
    section.startsWith('?') ? 'With ? it is loaded only when it is asked for (--only).' : '',
    type === 'unknown' ? '' : `Program type: ${type}`,
    context === '' ? '' : `Context: ${context}ctx`,
    target === undefined ? '' : kernelFunctionText(facts, target)
  );
}

function inspectSection(line: string, column: number, facts: LanguageFacts): string | null {
  for (const match of line.matchAll(/SEC\s*\(\s*"([^"]*)"?\s*\)?/g))
    if (column >= match.index && column <= match.index + match[0].length) return meaningOf(match[1] ?? '', facts);
  return null;
}

function useOf(name: string): string | null {
  const use = helperUse(name);
  return use ? paragraphs(use.summary, `Example:\n${use.example.replaceAll(/^/gm, '  ')}`) : null;
}

function programsOf(helper: string): string {
  const types = helperPrograms.typesOf(helper);
  return types ? `Programs that may call it: ${types.join(', ')}` : 'Every program may call it.';
}

function helperText(helper: HelperFact, context: EditorContext): string {
  const release = helperRelease(helper.id);
  const { programType, facts } = context;
  const isMissing =
    facts.kernel?.enumerator('BPF_FUNC_map_lookup_elem') != null &&
    facts.kernel.enumerator(`BPF_FUNC_${helper.name.slice(4)}`) === null;
  return paragraphs(
    `${helperPrototype(helper)};`,
    helperPrograms.may(programType, helper.name, facts.kernelRelease)
      ? ''
      : `Programs of type ${programType} may not call it.`,
    isMissing ? `The kernel ${facts.kernelRelease} does not have it.` : '',
    useOf(helper.name),
    `${release === null ? '' : `Since kernel ${release}. `}${programsOf(helper.name)}`,
    helper.text,
    'From bpf_helper_defs.h.'
  );
}

function macroText(macro: MacroFact): string {
  const call = macro.parameters ? `${macro.name}(${macro.parameters.join(', ')})` : macro.name;
  return paragraphs(call, useOf(macro.name), macro.text, `A macro of ${macro.header}.`);
}

function mapText(map: SourceMap | (SourceMap & { run: string }), word: string): string {
  const rows: [string, string][] = [
    ['type', map.type.toLowerCase()],
    ['key', map.key],
    ['value', map.value],
    ['entries', map.entries]
  ];
  const lines = rows.filter(([, value]) => value !== '').map(([name, value]) => `  ${name.padEnd(8)} ${value}`);
  return [`map ${word}`, ...lines].join('\n');
}

function memberText(member: EditorMember, owner: string): string {
  const place = member.offsetBytes === null ? '' : `offset ${member.offsetBytes}, ${member.sizeBytes ?? 0} bytes`;
  return paragraphs(
    `${member.text.endsWith('*') ? member.text : `${member.text} `}${member.name};`,
    place,
    `of ${owner}`
  );
}

/** A member behind a dot or an arrow. */
function inspectMember({ word, before }: WordAt, context: EditorContext): string | null {
  const arrow = /(->|\.)\s*$/.exec(before);
  if (!arrow || word === '') return null;
  const owner = typeOfExpression(before.slice(0, arrow.index), context.scope);
  const member = owner ? context.scope.world.member(owner, word) : null;
  if (!member || !owner) return null;
  const record = context.scope.world.recordName(member.type);
  return paragraphs(memberText(member, context.scope.world.text(owner)), record ? layoutOf(record, context) : '');
}

/** Layout of a type with offsets and sizes; the cell's own types as they are written. */
function layoutOf(name: string, context: EditorContext): string | null {
  const { source, included, facts } = context;
  const sources = [{ path: '', source }, ...included];
  for (const one of sources) {
    const record = one.source.records.find(known => known.name === name || known.name.endsWith(` ${name}`));
    if (!record) continue;
    const lines = record.members.map(member => `  ${textOfType(member.type)} ${member.name};`);
    const values = record.values.map(value => `  ${value.name},`);
    return [`${record.name} {`, ...lines, ...values, '};'].join('\n');
  }
  if (!facts.kernel) return null;
  const [, keyword, plain = name] = /^(struct|union|enum) (\w+)$/.exec(name) ?? [];
  const kinds: KernelNameKind[] =
    keyword === undefined ? ['struct', 'union', 'enum', 'typedef'] : [keyword as KernelNameKind];
  const layout = kernelLayout(facts, kinds, plain);
  return layout === '' ? null : clipped(layout);
}

function kernelLayout({ kernel }: LanguageFacts, kinds: readonly KernelNameKind[], name: string): string {
  if (!kernel) return '';
  try {
    const ids = kinds.flatMap(kind => kernel.find(kind, name) ?? []);
    return ids.map(id => definitionOf(kernel, id)).join('\n\n');
  } catch {
    return '';
  }
}

function clipped(text: string): string {
  const lines = text.split('\n');
  return lines.length <= MAX_LINES
    ? text
    : [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} more lines`].join('\n');
}

function inspectOwn(word: string, context: EditorContext): string | null {
  const sources = [context.source, ...context.included.map(file => file.source)];
  const map =
    sources.flatMap(source => source.maps).find(one => one.name === word) ??
    context.facts.maps.find(one => one.name === word);
  if (map) return mapText({ at: 0, ...map }, word);
  const variable = context.variables.find(one => one.name === word);
  if (variable) {
    const record = context.scope.world.recordName({ from: 'text', type: variable.type });
    const type = textOfType(variable.type);
    return paragraphs(`${type.endsWith('*') ? type : `${type} `}${word};`, record ? layoutOf(record, context) : '');
  }
  const macro = sources.flatMap(source => source.macros).find(one => one.name === word);
  if (macro) return `#define ${macro.name}${macro.parameters} ${macro.text}`;
  const own = sources.flatMap(source => source.functions).find(one => one.name === word);
  if (!own) return null;
  const parameters = own.parameters.map(one => `${textOfType(one.type)} ${one.name}`).join(', ');
  return paragraphs(`${own.name}(${parameters})`, own.section === null ? '' : meaningOf(own.section, context.facts));
}

function inspectName(at: WordAt, context: EditorContext): string | null {
  const { word, before } = at;
  const { facts } = context;
  const keyword = /\b(struct|union|enum)\s+$/.exec(before)?.[1];
  if (keyword !== undefined) return layoutOf(`${keyword} ${word}`, context);
  const helper = facts.headers.helpers.get(word);
  if (helper) return helperText(helper, context);
  const macro = facts.headers.macros.get(word);
  if (macro) return macroText(macro);
  return inspectOwn(word, context) ?? inspectKernelName(word, context);
}

function inspectKernelName(word: string, context: EditorContext): string | null {
  const { facts } = context;
  const value = facts.kernel?.enumerator(word);
  if (value) {
    const type = facts.kernel?.types[value.type];
    const name = type?.kind === 'enum' && type.name !== '' ? `enum ${type.name}` : 'an enum';
    return `${word} = ${value.value}\n\nof ${name} of the kernel`;
  }
  const prototype = kernelFunctionText(facts, word);
  if (prototype !== '') {
    const isCallable = facts.kernel?.callable().includes(word) === true;
    const note = isCallable
      ? 'A kernel function that BPF programs may call. Declare it with __ksym. Which program types may call it, the kernel does not tell.'
      : 'A function of the kernel: programs are attached to it, and do not call it.';
    return paragraphs(`${prototype};`, note);
  }
  return layoutOf(word, context) ?? useOf(word);
}

function inspectBpftrace(word: string): string | null {
  const all = [...bpftraceProbes, ...bpftraceBuiltins, ...bpftraceFunctions];
  const found = all.find(one => one.name.replace(/:$/, '') === word);
  return found ? `${found.name}\n\n${found.text}` : null;
}

/** Answers Jupyter's inspect_request (Shift-Tab) for what stands at the cursor. Never throws, whatever the text is. */
export function inspect(text: string, cursor: number, facts: LanguageFacts): { found: boolean; text: string } {
  const context = editorContext(text, cursor, facts);
  const { at } = context;
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(lineStart).split('\n', 1)[0] ?? '';
  const word = wordAt(context.text, at);
  const found =
    inspectMagic(line) ??
    (context.kind === 'bpftrace' ? inspectBpftrace(word.word) : null) ??
    inspectSection(line, at - lineStart, facts) ??
    inspectMember(word, context) ??
    (word.word === '' ? null : inspectName(word, context));
  return { found: found !== null && found !== '', text: found ? `${found}\n` : '' };
}
