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
  return program === undefined ? null : `it has no programs of type ${program.type}, which "${program.name}" is`;
}
