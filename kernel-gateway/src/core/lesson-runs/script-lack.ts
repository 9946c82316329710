import { nameLack } from '../session/kernel-names.js';
import type { KernelFacts } from '../session/preflight.js';

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*$|^#.*$|"(?:[^"\\]|\\.)*"/gm;
/** A probe stands before its filter or its block, or before another one; patterns may match nothing and are no lack. */
const BPFTRACE_PROBE =
  /(?:^|[\s,}])(kprobe|kretprobe|kr?|k?func|kretfunc|fentry|fexit|tracepoint|t):([\w:.]+)(?=\s*[,{/+]|\s*$)/gm;
/** bpftrace's own setting for scripts that name what only some kernels have. */
const GOES_WITHOUT = /\bmissing_probes\s*=\s*"?(?:ignore|warn)/;
/**
 * What a kernel lacks of the functions and tracepoints that a `%%bpftrace` cell names, a clause; null when it has them all, or
 * nobody knows. bcc's programs choose theirs when they run. `facts.names` was asked for `scriptFunctions`.
 */
export function scriptLack(cell: string, facts: Pick<KernelFacts, 'names' | 'tracepoints'>): string | null {
  if (GOES_WITHOUT.test(cell)) return null;
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

function probesOf(cell: string): Probes {
  const probes: Probes = { functions: [], tracepoints: [] };
  if (!cell.startsWith('%%bpftrace')) return probes;
  const text = cell.slice(cell.indexOf('\n') + 1).replace(COMMENT, '');
  for (const [, kind = '', name = ''] of text.matchAll(BPFTRACE_PROBE)) {
    if (kind === 't' || kind === 'tracepoint') probes.tracepoints.push(name);
    // Behind a colon stands the module of the function.
    else probes.functions.push(name.replace(/^\w+:/, ''));
  }
  return probes;
}
