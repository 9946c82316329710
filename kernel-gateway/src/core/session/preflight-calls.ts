import { helperPrograms } from '../language/helper-programs.table.js';
import { helperName, helperRelease } from '../language/helper-since.table.js';
import { isOlderRelease } from '../language/is-older-release.js';
import { kernelFunctionPrograms } from '../language/kernel-function-programs.table.js';
import type { ProgramSpec } from '../object/object-spec.js';
import { nameLack } from './kernel-names.js';
import type { KernelFacts } from './preflight.js';
import { unsupported } from './unsupported.js';

/** Helpers that a kernel has only when it was built so. */
const builtWith: Readonly<Record<string, string>> = { bpf_override_return: 'CONFIG_BPF_KPROBE_OVERRIDE' };

/** Helpers that a locked kernel takes away, by the step of the lock. */
const readers = ['bpf_probe_read', 'bpf_probe_read_str', 'bpf_probe_read_kernel', 'bpf_probe_read_kernel_str'];
const locked: Readonly<Record<string, readonly string[]>> = {
  integrity: ['bpf_probe_write_user'],
  confidentiality: ['bpf_probe_write_user', ...readers]
};

/** More types than this are no help to be named. */
const NAMED_TYPES = 4;

/**
 * Says what of the programs' calls the verifier will refuse, for who wants to know before anything is loaded.
 *
 * @throws LabError BPFLAB_PREFLIGHT_UNSUPPORTED with the program and the reason
 */
export function preflightCalls(programs: readonly ProgramSpec[], facts: KernelFacts): void {
  for (const program of programs) {
    const lack = callLack(program, facts);
    if (lack !== null) throw unsupported(`SEC("${program.section}") of "${program.name}"`, facts, lack);
  }
}

/** A clause that names the first call that the kernel does not take from a program of this type, or null. */
function callLack({ type, calls }: ProgramSpec, facts: KernelFacts): string | null {
  for (const id of calls.helpers) {
    const name = helperName(id);
    const lack = name === null ? null : helperLack({ type, name, since: helperRelease(id) ?? '' }, facts);
    if (lack !== null) return lack;
  }
  for (const name of calls.functions) {
    const lack = nameLack(facts.names, { kind: 'function', what: 'function that programs may call', name });
    if (lack !== null) return lack;
    if (!kernelFunctionPrograms.may(type, name, facts.release)) return typeLack(type, name, kernelFunctionPrograms);
  }
  return null;
}

function helperLack(
  { type, name, since }: { type: string; name: string; since: string },
  facts: KernelFacts
): string | null {
  if (isOlderRelease(facts.release, since) && isMissing(name, facts)) {
    return `it has no helper ${name}, which came with Linux ${since}`;
  }
  const option = builtWith[name];
  if (option !== undefined && facts.config !== null && facts.config.get(option) !== 'y') {
    return `it was built without ${option}, which ${name} needs`;
  }
  if (locked[facts.lockdown ?? '']?.includes(name) === true) {
    return `its lockdown (${facts.lockdown}) takes ${name} away`;
  }
  return helperPrograms.may(type, name, facts.release) ? null : typeLack(type, name, helperPrograms);
}

const isMissing = (name: string, { types }: KernelFacts): boolean =>
  types?.enumerator('BPF_FUNC_map_lookup_elem') != null &&
  types.enumerator(`BPF_FUNC_${name.slice('bpf_'.length)}`) === null;

function typeLack(type: string, name: string, known: typeof helperPrograms): string {
  const clause = `its programs of type ${type} may not call ${name}`;
  const since = known.since(type, name);
  if (since !== null) return `${clause}; on Linux ${since} they may`;
  const others = known.typesOf(name) ?? [];
  return others.length > NAMED_TYPES || others.length === 0
    ? clause
    : `${clause}; those of type ${others.join(', ')} may`;
}
