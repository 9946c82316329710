/** What programs name of a kernel: functions, hooks, tracepoints, looked for before they are loaded. */
import { closestName } from '../cells/closest-name.js';
import type { ProgramSpec } from '../object/object-spec.js';

/** Kinds of names in BTF that programs refer to. */
type NameKind = 'function' | 'typedef' | 'struct';

/** Names that a kernel is known to have; what BTF lacks and the symbol table has is among them. */
export interface KernelNames {
  has(kind: NameKind, name: string): boolean;
  /** All names that begin with `prefix`. */
  from(kind: NameKind, prefix: string): readonly string[];
}

/** A name that must be there. `prefix` is what the kernel writes before what people say. */
export interface WantedName {
  kind: NameKind;
  /** "function", "LSM hook" … for the sentence. */
  what: string;
  name: string;
  prefix?: string;
}

/** Letters that a name must share with another one to be taken for it: a kernel has 60,000. */
const SHARED_START = 2;
const SYSCALL_PREFIXES = ['__x64_sys_', '__arm64_sys_', '__riscv_sys_', '__s390x_sys_'];

/** What the section of a program names of the kernel; null when it names nothing, or a pattern. */
export function wantedName(program: ProgramSpec): WantedName | null {
  const [path = ''] = program.section.replace(/^\?/, '').split('/');
  const name = program.attachTarget.replace(/\+.*$/, '');
  if (!/^[\w.]+$/.test(name)) {
    return null;
  }
  if (/^(kprobe|kretprobe|fentry|fexit|fmod_ret|fsession)\b/.test(path)) {
    return { kind: 'function', what: 'function', name };
  }
  if (/^lsm/.test(path)) {
    return { kind: 'function', what: 'LSM hook', name: `bpf_lsm_${name}`, prefix: 'bpf_lsm_' };
  }
  if (/^(ksyscall|kretsyscall)$/.test(path)) {
    return { kind: 'function', what: 'system call', name: `__x64_sys_${name}`, prefix: '__x64_sys_' };
  }
  if (/^(raw_tp|raw_tracepoint|tp_btf)\b/.test(path)) {
    return { kind: 'typedef', what: 'tracepoint', name: `btf_trace_${name}`, prefix: 'btf_trace_' };
  }
  return null;
}

/** A clause that says that a name is missing and which one is near, or null; also null where nobody knows. */
export function nameLack(names: KernelNames | null, wanted: WantedName): string | null {
  if (names === null) {
    return null;
  }
  const { kind, what, prefix = '' } = wanted;
  const said = wanted.name.slice(prefix.length);
  // Each machine has its own names of system calls.
  const prefixes = SYSCALL_PREFIXES.includes(prefix) ? SYSCALL_PREFIXES : [prefix];
  const known = prefixes.flatMap(one => (one === '' ? [] : names.from(kind, one).map(name => name.slice(one.length))));
  if (prefix !== '' && known.length === 0) {
    return null;
  }
  if (prefixes.some(one => names.has(kind, one + said))) {
    return null;
  }
  const others = prefix === '' ? names.from(kind, said.slice(0, SHARED_START)) : known;
  return `it has no ${what} "${said}"${guess(closestName(said, others))}`;
}

/** The end of a clause. */
export function guess(near: string | null): string {
  return near === null ? '' : `; is it "${near}"`;
}
