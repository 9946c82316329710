import { closestName } from '../cells/closest-name.js';
import type { ObjectSpec, ProgramSpec } from '../object/object-spec.js';
import type { KernelTypeNames } from './core-lack.js';
import { attachTypeLack } from './attach-type-lack.js';
import { guess, nameLack, wantedName, type KernelNames, type WantedName } from './kernel-names.js';
import { unsupported } from './unsupported.js';

/** What is known of a target's kernel; null where it could not be found out, which forbids nothing. */
export interface KernelFacts {
  release: string;
  hasBtf: boolean;
  /** `category:name`. */
  tracepoints: ReadonlySet<string> | null;
  /** Active security modules in their order. */
  lsm: readonly string[] | null;
  /** CONFIG_… to its value; asked for only when a program hangs on it. */
  config: ReadonlyMap<string, string> | null;
  /** By really loading one of each; asked for only when an object has a rare one. */
  programTypes: ReadonlyMap<string, boolean | null> | null;
  mapTypes: ReadonlyMap<string, boolean | null> | null;
  /** Names of its BTF; asked for only when a program or an external function names something of the kernel. */
  names: KernelNames | null;
  /** Its types; asked for by who judges calls without a load, and for attach types that not every kernel has. */
  types: KernelTypeNames | null;
  /** "none", "integrity" or "confidentiality". */
  lockdown: string | null;
}

/** Types that every kernel since 5.8 with BPF takes; the others are worth a probe. */
const commonPrograms = new Set([
  'kprobe',
  'tracepoint',
  'raw_tracepoint',
  'tracing',
  'lsm',
  'xdp',
  'sched_cls',
  'perf_event',
  'cgroup_skb',
  'cgroup_sock_addr',
  'cgroup_sock',
  'sock_ops',
  'socket_filter',
  'sk_skb',
  'sk_msg',
  'syscall'
]);
const rareMaps = new Set(['arena', 'user_ringbuf', 'bloom_filter', 'insn_array', 'cgrp_storage', 'struct_ops']);

/** True when the object has a program or map of a type that older or smaller kernels lack. */
export function needsTypeProbe(object: ObjectSpec): boolean {
  return (
    object.programs.some(program => !commonPrograms.has(program.type)) ||
    object.maps.some(map => rareMaps.has(map.type))
  );
}

/** True when a program hangs on how the kernel was configured. */
export function needsConfigProbe(programs: readonly ProgramSpec[]): boolean {
  return programs.some(program => /^\??k(ret)?(probe|syscall)/.test(program.section));
}

/** Names of the kernel that the object and these programs want to be there: for who looks for what BTF lacks. */
export function wantedNames(object: ObjectSpec, programs: readonly ProgramSpec[]): string[] {
  // A weak function that the code calls without having asked whether it is there is wanted all the same.
  const functions = object.externs.filter(one => one.isFunction && !one.asked).map(one => one.name);
  const targets = programs.flatMap(program => wantedName(program)?.name ?? []);
  return [...functions, ...targets, ...wantedOps(object).map(one => one.name)];
}

/**
 * Says before load what the target's kernel cannot do. `attachTarget` of a program is where it will really be attached,
 * empty for nowhere. What a program calls is the verifier's to refuse, at its line of C; {@link preflightCalls} foretells it.
 *
 * @throws LabError BPFLAB_PREFLIGHT_UNSUPPORTED with the program or map and the reason
 */
export function preflight(object: ObjectSpec, programs: readonly ProgramSpec[], facts: KernelFacts): void {
  for (const program of programs) {
    const lack = programLack(program, facts);
    if (lack !== null) {
      throw unsupported(`SEC("${program.section}") of "${program.name}"`, facts, lack);
    }
  }
  const wanted = object.externs.find(
    one => one.isFunction && !one.asked && facts.names?.has('function', one.name) === false
  );
  if (wanted !== undefined) {
    const lack = nameLack(facts.names, {
      kind: 'function',
      what: 'function that programs may call',
      name: wanted.name
    });
    throw unsupported(`the call of "${wanted.name}"`, facts, lack ?? '');
  }
  const ops = wantedOps(object).find(one => facts.names?.has('struct', one.name) === false);
  if (ops !== undefined) {
    throw unsupported(`the operations "${ops.map}"`, facts, nameLack(facts.names, ops) ?? '');
  }
  const map = object.maps.find(one => facts.mapTypes?.get(one.type) === false);
  if (map !== undefined) {
    throw unsupported(`map "${map.name}"`, facts, `it has no maps of type ${map.type}`);
  }
}

/** A kernel that takes a table of operations has a struct of its own around it. */
const wantedOps = (object: ObjectSpec): (WantedName & { map: string })[] =>
  object.operations.map(({ name: map, type }) => {
    const prefix = 'bpf_struct_ops_';
    // A program may have more than one version of the struct.
    return { kind: 'struct', what: 'operations', name: `${prefix}${type.replace(/___.*$/, '')}`, prefix, map };
  });

/** A clause that says why, or null. */
function programLack(program: ProgramSpec, facts: KernelFacts): string | null {
  if (facts.programTypes?.get(program.type) === false) {
    return `it has no programs of type ${program.type}`;
  }
  const attach = facts.types === null ? null : attachTypeLack(program, facts.types);
  if (attach !== null) return attach;
  const [path = ''] = program.section.replace(/^\?/, '').split('/');
  const check = checks.find(([pattern]) => pattern.test(path))?.[1];
  return check?.(facts, program) ?? null;
}

type Check = (facts: KernelFacts, program: ProgramSpec) => string | null;

const needsConfig =
  (option: string): Check =>
  ({ config }) =>
    config === null || config.get(option) === 'y' ? null : `it was built without ${option}`;

const needsBtf: Check = ({ hasBtf }) => (hasBtf ? null : 'it has no BTF');

const all =
  (...parts: Check[]): Check =>
  (facts, program) =>
    parts.map(check => check(facts, program)).find(lack => lack !== null) ?? null;

const needsLsm: Check = ({ lsm }) =>
  lsm === null || lsm.includes('bpf') ? null : `"bpf" is not among its active security modules (${lsm.join(', ')})`;

const needsName: Check = ({ names, tracepoints }, program) => {
  const wanted = wantedName(program);
  const isEvent = wanted?.what === 'tracepoint' && hasEvent(tracepoints, program.attachTarget);
  return wanted === null || isEvent ? null : nameLack(names, wanted);
};

function hasEvent(tracepoints: KernelFacts['tracepoints'], event: string): boolean {
  return [...(tracepoints ?? [])].some(one => one.endsWith(`:${event}`));
}

/** By SEC's part before the first slash. */
const checks: readonly (readonly [RegExp, Check])[] = [
  [/^(tp|tracepoint)$/, (facts, program) => tracepointLack(program.attachTarget, facts)],
  [/^(raw_tp|raw_tracepoint)(\.w)?$/, needsName],
  [/^(kprobe|kretprobe|ksyscall|kretsyscall)$/, all(needsConfig('CONFIG_KPROBES'), needsName)],
  [/^(kprobe|kretprobe)\.(multi|session)$/, all(needsConfig('CONFIG_FPROBE'), needsName)],
  [/^lsm(\.s)?$|^lsm_cgroup$/, all(needsLsm, needsBtf, needsName)],
  [/^(fentry|fexit|fmod_ret|fsession|tp_btf)(\.s)?$/, all(needsBtf, needsName)],
  [/^(iter|freplace)(\.s)?$/, needsBtf]
];

function tracepointLack(target: string, facts: KernelFacts): string | null {
  const name = target.replace('/', ':');
  if (
    facts.tracepoints === null ||
    facts.tracepoints.size === 0 ||
    !name.includes(':') ||
    facts.tracepoints.has(name)
  ) {
    return null;
  }
  const [category = '', event = ''] = name.split(':');
  const prefix = `${category}:`;
  const others = [...facts.tracepoints].filter(one => one.startsWith(prefix)).map(one => one.slice(prefix.length));
  if (others.length === 0) {
    const categories = [...new Set([...facts.tracepoints].map(one => one.slice(0, one.indexOf(':'))))];
    return `it has no tracepoints of the category "${category}"${guess(closestName(category, categories))}`;
  }
  const lack = `it has no tracepoint "${event}" among the ${others.length} of "${category}"`;
  return `${lack}${guess(closestName(event, others))}`;
}
