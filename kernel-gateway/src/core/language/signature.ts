import type { Declared } from './declaration.js';
import { textOfType } from './declaration.js';
import { editorContext, type EditorContext } from './editor-context.js';
import { enclosingCall, type EnclosingCall } from './enclosing-call.js';
import { helperPrototype } from './header-facts.js';
import { helperPrograms } from './helper-programs.table.js';
import { helperUse } from './helper-use.table.js';
import { kernelFunctionText } from './kernel-function-text.js';
import type { LanguageFacts } from './language-facts.js';

/** What a call that is being typed wants. `active` is the range (UTF-16, in `label`) of the parameter at the cursor. */
export interface Signature {
  label: string;
  active: { start: number; end: number } | null;
  /** One sentence; empty when there is none. */
  text: string;
}

/** Ranges of the parameters of a prototype or macro call: what stands between its last bracket's commas. */
function parameterRanges(label: string): { start: number; end: number }[] {
  const open = label.indexOf('(');
  const ranges: { start: number; end: number }[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = open + 1; open >= 0 && i < label.length; i++) {
    const char = label[i] ?? '';
    if (char === '(') depth++;
    if ((char === ')' || char === ',') && depth === 0) {
      ranges.push({ start: start + (/^\s*/.exec(label.slice(start, i))?.[0].length ?? 0), end: i });
      start = i + 1;
    }
    if (char === ')' && depth-- === 0) break;
  }
  return ranges;
}

const parameterText = (one: Declared): string => `${textOfType(one.type)} ${one.name}`.replace('* ', '*');

function ownLabel(name: string, context: EditorContext): string {
  const sources = [context.source, ...context.included.map(file => file.source)];
  const own = sources.flatMap(source => source.functions).find(one => one.name === name);
  if (own) return `${own.name}(${own.parameters.map(parameterText).join(', ')})`;
  const macro = sources.flatMap(source => source.macros).find(one => one.name === name && one.parameters !== '');
  return macro ? `${macro.name}${macro.parameters}` : '';
}

function labelOf(name: string, context: EditorContext): string {
  const { helpers, macros } = context.facts.headers;
  const helper = helpers.get(name);
  if (helper) return helperPrototype(helper);
  const macro = macros.get(name);
  if (macro?.parameters) return `${name}(${macro.parameters.join(', ')})`;
  return ownLabel(name, context) || kernelFunctionText(context.facts, name);
}

function activeRange(label: string, call: EnclosingCall): Signature['active'] {
  const ranges = parameterRanges(label);
  const last = ranges.at(-1);
  const isVariadic = last !== undefined && label.slice(last.start, last.end).endsWith('...');
  return ranges[call.argument] ?? (isVariadic ? last : null);
}

/** The call around the cursor with the parameter that is typed now; null outside of calls that anybody knows. */
export function signatureAt(text: string, cursor: number, facts: LanguageFacts): Signature | null {
  const context = editorContext(text, cursor, facts);
  if (context.kind !== 'bpf' && context.kind !== 'user' && context.kind !== 'file') return null;
  const call = enclosingCall(context.text, context.at);
  const label = call ? labelOf(call.name, context) : '';
  if (!call || label === '') return null;
  const isAllowed = helperPrograms.may(context.programType, call.name, context.facts.kernelRelease);
  const refusal = isAllowed ? '' : `Programs of type ${context.programType} may not call it.`;
  return { label, active: activeRange(label, call), text: refusal || (helperUse(call.name)?.summary ?? '') };
}
