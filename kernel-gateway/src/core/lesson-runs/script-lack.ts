import { nameLack } from '../session/kernel-names.js';
import type { KernelFacts } from '../session/preflight.js';

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*$|^#.*$|"(?:[^"\\]|\\.)*"/gm;
/** A probe stands before its filter or its block, or before another one; patterns may match nothing and are no lack. */
const BPFTRACE_PROBE =
  /(?:^|[\s,}])(kprobe|kretprobe|kr?|k?func|kretfunc|fentry|fexit|tracepoint|t):([\w:.]+)(?=\s*[,{/+]|\s*$)/gm;
const BCC_TRACEPOINT = /\b(?:RAW_)?TRACEPOINT_PROBE\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)/g;
const BCC_FUNCTION = /\bint\s+k(?:ret)?probe__(\w+)\s*\(/g;

/**
 * What a kernel lacks of the functions and tracepoints that a `%%bpftrace` or `%%bcc` cell names, a clause; null when it has
 * them all, or nobody knows. A bcc program that picks its functions when it runs names none. `facts.names` was asked for
 * `scriptFunctions`.
 */
export function scriptLack(cell: string, facts: Pick<KernelFacts, 'names' | 'tracepoints'>): string | null {
  const tracepoint = probesOf(cell).tracepoints.find(name => facts.tracepoints?.has(name) === false);
  if (tracepoint !== undefined) return `it has no tracepoint "${tracepoint}"`;
  const lacks = scriptFunctions(cell).map(name => nameLack(facts.names, { kind: 'function', what: 'function', name }));
  return lacks.find(lack => lack !== null) ?? null;
}

/** Kernel functions that a cell names. */
export const scriptFunctions = (cell: string): string[] => probesOf(cell).functions;

interface Probes {
  functions: string[];
  /** `category:name`. */
  tracepoints: string[];
}

const probesOf = (cell: string): Probes => (cell.startsWith('%%bcc') ? bccProbes(cell) : bpftraceProbes(cell));

function bpftraceProbes(cell: string): Probes {
  const probes: Probes = { functions: [], tracepoints: [] };
  const text = cell.slice(cell.indexOf('\n') + 1).replace(COMMENT, '');
  for (const [, kind = '', name = ''] of text.matchAll(BPFTRACE_PROBE)) {
    if (kind === 't' || kind === 'tracepoint') probes.tracepoints.push(name);
    // Behind a colon stands the module of the function.
    else probes.functions.push(name.replace(/^\w+:/, ''));
  }
  return probes;
}

const bccProbes = (cell: string): Probes => ({
  // The names of system calls differ between machines; bcc knows how.
  functions: [...cell.matchAll(BCC_FUNCTION)].map(([, name = '']) => name).filter(name => !/^(__)?sys_/.test(name)),
  tracepoints: [...cell.matchAll(BCC_TRACEPOINT)].map(([, category, name]) => `${category}:${name}`)
});
