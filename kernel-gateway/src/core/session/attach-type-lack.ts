import type { ProgramSpec } from '../object/object-spec.js';
import type { KernelTypeNames } from './core-lack.js';

/** Sections whose attach type is younger than the type of their programs (linux/bpf.h, 7.3; libbpf 1.7, section_defs). */
const attachTypes: readonly (readonly [RegExp, string])[] = [
  [/^tcx\//, 'BPF_TCX_INGRESS'],
  [/^netkit\//, 'BPF_NETKIT_PRIMARY'],
  [/^fsession\b/, 'BPF_TRACE_FSESSION'],
  [/^kprobe\.session\b/, 'BPF_TRACE_KPROBE_SESSION'],
  [/^uprobe\.session\b/, 'BPF_TRACE_UPROBE_SESSION'],
  [/^k(ret)?probe\.multi\b/, 'BPF_TRACE_KPROBE_MULTI'],
  [/^u(ret)?probe\.multi\b/, 'BPF_TRACE_UPROBE_MULTI'],
  [/^lsm_cgroup\//, 'BPF_LSM_CGROUP'],
  [/^netfilter\b/, 'BPF_NETFILTER'],
  [/^cgroup\/\w+_unix\b/, 'BPF_CGROUP_UNIX_CONNECT']
];

const attachTypeOf = ({ section }: ProgramSpec): string | undefined =>
  attachTypes.find(([pattern]) => pattern.test(section.replace(/^\?/, '')))?.[1];

/** True when a program wants an attach type that not every kernel with BPF has. */
export const needsAttachTypes = (programs: readonly ProgramSpec[]): boolean =>
  programs.some(program => attachTypeOf(program) !== undefined);

/** A clause that names the attach type of a program that the kernel's own list lacks, or null; also null where it has no list. */
export function attachTypeLack(program: ProgramSpec, kernel: KernelTypeNames): string | null {
  const type = attachTypeOf(program);
  if (type === undefined || kernel.enumerator('BPF_CGROUP_INET_INGRESS') === null) return null;
  return kernel.enumerator(type) === null ? `it has no attach type ${type}` : null;
}
