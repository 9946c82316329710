import { LabError } from '../../protocol/index.js';

/** Name of the map of cgroup ids in a restricted bpftrace script; keys are u64, a value other than 0 lets through. */
export const SCRIPT_FILTER_MAP = '@bpflab_pods';

/** A script that sees only some cgroups, and its probes that have no task to ask. */
export interface RestrictedScript {
  text: string;
  /** As written: `BEGIN` and the like, which report and are not restricted. */
  open: string[];
}

interface Probe {
  /** Attach points as written. */
  points: string;
  /** Offset of the predicate's first slash; -1: there is none. */
  predicate: number;
  /** Offset behind the predicate's last slash. */
  predicateEnd: number;
  /** Offset of the block's brace. */
  block: number;
}

/** They run for bpftrace itself or for a clock. */
const withoutTask = /^(begin|end|interval|i|self|iter|it|bench|test)(:|$)/i;
const withPath = /^(uprobe|u|uretprobe|ur|usdt|U)\s*:/;
const definition = /^(struct|union|enum|config|import|macro|fn|let)\b/;

/**
 * Puts a predicate on the cgroup of the current task before every probe that has one, in the kernel: bpftrace makes its
 * program of it. Lines stay where they are. The first cgroups are set in `BEGIN`; later ones may be written into the map.
 *
 * @param script - text of a bpftrace script
 * @param groups - cgroup v2 ids that are let through from the start
 * @throws LabError BPFLAB_POD_FILTER when the script cannot be read, or none of its probes runs for a task
 */
export function restrictScript(script: string, groups: readonly bigint[]): RestrictedScript {
  const probes = readProbes(script);
  const isOpen = (probe: Probe): boolean => probe.points.split(',').every(point => withoutTask.test(point.trim()));
  if (probes.every(isOpen)) throw refuse('none of its probes runs for a task');
  const set = groups.map(id => `${SCRIPT_FILTER_MAP}[(uint64)${id}] = 1;`).join(' ');
  let text = '';
  let from = 0;
  let isSet = false;
  const insert = (at: number, words: string): void => {
    text += script.slice(from, at) + words;
    from = at;
  };
  for (const probe of probes) {
    if (isOpen(probe)) {
      const isBegin = /^begin$/i.test(probe.points.trim());
      if (isBegin && !isSet) insert(probe.block + 1, ` ${set} `);
      isSet ||= isBegin;
    } else if (probe.predicate < 0) insert(probe.block, `/${SCRIPT_FILTER_MAP}[cgroup]/ `);
    else {
      insert(probe.predicate + 1, `${SCRIPT_FILTER_MAP}[cgroup] && (`);
      insert(probe.predicateEnd - 1, ')');
    }
  }
  text += script.slice(from);
  if (!isSet) text = `${text.replace(/\n?$/, '\n')}BEGIN { ${set} }\n`;
  return { text, open: probes.filter(isOpen).map(probe => probe.points.trim()) };
}

const refuse = (cause: string): LabError =>
  new LabError('BPFLAB_POD_FILTER', `The script cannot be restricted to pods — ${cause}.`);

function readProbes(script: string): Probe[] {
  const probes: Probe[] = [];
  let at = skipBlank(script, 0);
  while (at < script.length) {
    if (script[at] === '#') at = endOfLine(script, at);
    else if (definition.test(script.slice(at))) at = skipDefinition(script, at);
    else {
      const probe = readProbe(script, at);
      probes.push(probe);
      at = endOfBlock(script, probe.block);
    }
    at = skipBlank(script, at);
  }
  return probes;
}

function readProbe(script: string, start: number): Probe {
  const hasPath = script
    .slice(start, endOfLine(script, start))
    .split(',')
    .some(point => withPath.test(point.trim()));
  for (let at = start; at < script.length;) {
    const next = skipToken(script, at);
    if (next > at) {
      at = next;
      continue;
    }
    const char = script[at];
    if (char === '{') return { points: script.slice(start, at), predicate: -1, predicateEnd: -1, block: at };
    if (char === '/' && (!hasPath || /\s/.test(script[at - 1] ?? ''))) return readPredicate(script, start, at);
    at++;
  }
  throw refuse('a probe has no block');
}

/** The predicate ends at the slash that the block follows; any other is a division. */
function readPredicate(script: string, start: number, predicate: number): Probe {
  for (let at = predicate + 1; at < script.length;) {
    const next = skipToken(script, at);
    if (next > at) {
      at = next;
      continue;
    }
    const block = skipBlank(script, at + 1);
    if (script[at] === '/' && script[block] === '{')
      return { points: script.slice(start, predicate), predicate, predicateEnd: at + 1, block };
    at++;
  }
  throw refuse('a predicate has no end');
}

/** Behind the declaration: its block, or the semicolon. */
function skipDefinition(script: string, start: number): number {
  for (let at = start; at < script.length;) {
    const next = skipToken(script, at);
    if (next > at) {
      at = next;
      continue;
    }
    if (script[at] === ';') return at + 1;
    if (script[at] === '{') {
      const end = skipBlank(script, endOfBlock(script, at));
      return script[end] === ';' ? end + 1 : end;
    }
    at++;
  }
  return script.length;
}

function endOfBlock(script: string, brace: number): number {
  let depth = 0;
  for (let at = brace; at < script.length;) {
    const next = skipToken(script, at);
    if (next > at) {
      at = next;
      continue;
    }
    if (script[at] === '{') depth++;
    if (script[at] === '}' && --depth === 0) return at + 1;
    at++;
  }
  throw refuse('a block is not closed');
}

/** Behind the comment or the string that begins at a place; the place itself when there is none. */
function skipToken(script: string, at: number): number {
  if (script.startsWith('//', at)) return endOfLine(script, at);
  if (script.startsWith('/*', at)) {
    const end = script.indexOf('*/', at + 2);
    return end < 0 ? script.length : end + 2;
  }
  if (script[at] !== '"') return at;
  for (let next = at + 1; next < script.length; next++) {
    if (script[next] === '\\') next++;
    else if (script[next] === '"') return next + 1;
  }
  return script.length;
}

function skipBlank(script: string, start: number): number {
  let at = start;
  for (;;) {
    while (/\s/.test(script[at] ?? '')) at++;
    const next = script[at] === '"' ? at : skipToken(script, at);
    if (next === at) return at;
    at = next;
  }
}

function endOfLine(script: string, at: number): number {
  const end = script.indexOf('\n', at);
  return end < 0 ? script.length : end + 1;
}
