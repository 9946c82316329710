import type { ObjectSpec, ProgramSpec } from '../object/object-spec.js';
import type { KernelTypeNames } from './core-lack.js';

/** A clause that names the first type of map or program that the kernel's own lists lack, or null; also null where it has no lists. */
export function kernelTypeLack(
  object: ObjectSpec,
  programs: readonly ProgramSpec[],
  kernel: KernelTypeNames
): string | null {
  const lacks = (first: string, prefix: string, type: string): boolean =>
    kernel.enumerator(first) !== null && kernel.enumerator(`${prefix}${type.toUpperCase()}`) === null;
  const map = object.maps.find(one => lacks('BPF_MAP_TYPE_HASH', 'BPF_MAP_TYPE_', one.type));
  if (map !== undefined) return `it has no maps of type ${map.type}, which "${map.name}" is`;
  const program = programs.find(one => lacks('BPF_PROG_TYPE_KPROBE', 'BPF_PROG_TYPE_', one.type));
  if (program !== undefined) return `it has no programs of type ${program.type}, which "${program.name}" is`;
  return attachTypeLack(programs, kernel);
}

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

function attachTypeLack(programs: readonly ProgramSpec[], kernel: KernelTypeNames): string | null {
  if (kernel.enumerator('BPF_CGROUP_INET_INGRESS') === null) return null;
  for (const { name, section } of programs) {
    const type = attachTypes.find(([pattern]) => pattern.test(section.replace(/^\?/, '')))?.[1];
    if (type !== undefined && kernel.enumerator(type) === null) return `it has no ${type}, where "${name}" is attached`;
  }
  return null;
}
