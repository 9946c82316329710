import { expect, it } from 'vitest';
import type { ObjectSpec, ProgramSpec } from '../object/object-spec.js';
import { kernelTypeLack } from './kernel-type-lack.js';

const object = { maps: [{ name: 'list', type: 'arena' }] } as unknown as ObjectSpec;
const noMaps = { maps: [] } as unknown as ObjectSpec;
const program = (section: string, type: string): ProgramSpec => ({ name: 'on', section, type }) as ProgramSpec;
const kernel = (...enumerators: string[]) => ({
  types: [],
  find: () => null,
  enumerator: (name: string) => (enumerators.includes(name) ? { value: 1n } : null)
});
const old = kernel('BPF_MAP_TYPE_HASH', 'BPF_PROG_TYPE_KPROBE', 'BPF_PROG_TYPE_SCHED_CLS', 'BPF_CGROUP_INET_INGRESS');

it.each([
  ['tcx/ingress', 'BPF_TCX_INGRESS'],
  ['?tcx/egress', 'BPF_TCX_INGRESS'],
  ['netkit/primary', 'BPF_NETKIT_PRIMARY']
])('names the attach type of %s that the kernel lacks', (section, type) => {
  const programs = [program(section, 'sched_cls')];
  expect(kernelTypeLack(noMaps, programs, old)).toBe(`it has no ${type}, where "on" is attached`);
  const newer = kernel('BPF_PROG_TYPE_KPROBE', 'BPF_PROG_TYPE_SCHED_CLS', 'BPF_CGROUP_INET_INGRESS', type);
  expect(kernelTypeLack(noMaps, programs, newer)).toBeNull();
});

it('names maps and programs, lets old sections through, and forbids nothing where the kernel has no lists', () => {
  expect(kernelTypeLack(object, [], old)).toBe('it has no maps of type arena, which "list" is');
  expect(kernelTypeLack(noMaps, [program('netfilter', 'netfilter')], old)).toBe(
    'it has no programs of type netfilter, which "on" is'
  );
  expect(kernelTypeLack(noMaps, [program('tc', 'sched_cls')], old)).toBeNull();
  expect(kernelTypeLack(object, [program('tcx/ingress', 'sched_cls')], kernel())).toBeNull();
});
