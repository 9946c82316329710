import { bpftraceBuiltins, bpftraceFunctions, bpftraceProbes } from './bpftrace.table.js';
import type { Completion, CompletionItem } from './completion.js';
import type { EditorContext } from './editor-context.js';
import { completeSection } from './section-targets.js';

const LIMIT = 200;

/** Depth of braces at the cursor: 0 is where probes stand. */
function depthAt(text: string): number {
  let depth = 0;
  for (const [mark] of text.matchAll(/"(?:\\.|[^"\\\n])*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[{}]/g)) {
    if (mark === '{') depth++;
    else if (mark === '}') depth--;
  }
  return depth;
}

/** SEC kinds whose targets are those of a probe type. */
const SAME_TARGETS: Readonly<Record<string, string>> = {
  tracepoint: 'tp',
  kprobe: 'kprobe',
  kretprobe: 'kprobe',
  fentry: 'fentry',
  fexit: 'fentry',
  kfunc: 'fentry',
  kretfunc: 'fentry',
  rawtracepoint: 'raw_tp',
  iter: 'iter'
};

const FIXED_TARGETS: Readonly<Record<string, readonly string[]>> = {
  interval: ['s:1', 'ms:100', 'us:1000', 'hz:10'],
  profile: ['hz:99', 's:1', 'ms:10'],
  software: ['cpu-clock:', 'page-faults:', 'context-switches:', 'cpu-migrations:', 'minor-faults:', 'major-faults:'],
  hardware: ['cache-misses:', 'cache-references:', 'cpu-cycles:', 'instructions:', 'branch-misses:']
};

function probeTargets(type: string, target: string, context: EditorContext): string[] {
  const fixed = FIXED_TARGETS[type];
  if (fixed) return fixed.filter(one => one.startsWith(target));
  const kind = SAME_TARGETS[type];
  if (kind === undefined) return [];
  const typed = `${kind}/${target.replace(':', '/')}`;
  return completeSection(typed, context.facts).map(name => name.slice(kind.length + 1).replace('/', ':'));
}

function completeProbe(before: string, context: EditorContext): Completion {
  const typed = /[\w:.*-]*$/.exec(before)?.[0] ?? '';
  const colon = typed.indexOf(':');
  const type = typed.slice(0, Math.max(0, colon));
  const items: CompletionItem[] =
    colon < 0
      ? bpftraceProbes
          .filter(one => one.name.startsWith(typed))
          .map(one => ({ text: one.name, type: 'section', signature: one.text }))
      : probeTargets(type, typed.slice(colon + 1), context)
          .slice(0, LIMIT)
          .map(target => ({ text: `${type}:${target}`, type: 'section', signature: '' }));
  return { items, start: context.at - typed.length, end: context.at };
}

/** Fields of a tracepoint behind `args.`, from the struct that the kernel has for it. */
function completeFields(before: string, context: EditorContext): Completion | null {
  const typed = /\bargs(?:\.|->)(\w*)$/.exec(before)?.[1];
  if (typed === undefined) return null;
  const probe = [...context.text.slice(0, context.at).matchAll(/\btracepoint:(\w+):(\w+)/g)].at(-1);
  const { world } = context.scope;
  const names = probe ? [probe[2] ?? '', (probe[2] ?? '').replace(/_[a-z]+$/, '')] : [];
  const struct = names.map(name => world.named(`struct trace_event_raw_${name}`)).find(type => type !== null);
  const members = struct ? world.members(struct).filter(one => one.name !== 'ent' && !one.name.startsWith('__')) : [];
  const items = members
    .filter(one => one.name.startsWith(typed))
    .map(one => ({ text: one.name, type: 'field' as const, signature: one.text }));
  return { items, start: context.at - typed.length, end: context.at };
}

/** Probes, their targets, builtins and functions of a bpftrace script. */
export function completeBpftrace(context: EditorContext): Completion {
  const before = context.text.slice(0, context.at);
  if (depthAt(before) <= 0) return completeProbe(before.slice(before.lastIndexOf('\n') + 1), context);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const fields = completeFields(line, context);
  if (fields) return fields;
  const word = /[@$]?\w*$/.exec(line)?.[0] ?? '';
  const own = [...new Set(context.text.match(/[@$]\w+/g))].filter(name => name !== word);
  const items: CompletionItem[] = [
    ...own.map(text => ({ text, type: 'variable' as const, signature: '' })),
    ...bpftraceBuiltins.map(one => ({ text: one.name, type: 'variable' as const, signature: one.text })),
    ...bpftraceFunctions.map(one => ({ text: one.name, type: 'function' as const, signature: one.text }))
  ].filter(one => word !== '' && one.text.startsWith(word));
  return { items, start: context.at - word.length, end: context.at };
}
