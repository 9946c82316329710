import { expect, it } from 'vitest';
import type { ProgramSpec } from '../object/object-spec.js';
import { attachTypeLack, needsAttachTypes } from './attach-type-lack.js';

const program = (section: string): ProgramSpec => ({ name: 'on', section }) as ProgramSpec;
const kernel = (...enumerators: string[]) => ({
  types: [],
  find: () => null,
  enumerator: (name: string) => (enumerators.includes(name) ? { value: 1n } : null)
});

it.each([
  ['tcx/ingress', 'BPF_TCX_INGRESS'],
  ['?tcx/egress', 'BPF_TCX_INGRESS'],
  ['netkit/primary', 'BPF_NETKIT_PRIMARY'],
  ['fsession/vfs_read', 'BPF_TRACE_FSESSION']
])('names the attach type of %s that the kernel lacks', (section, type) => {
  expect(needsAttachTypes([program('tc'), program(section)])).toBe(true);
  expect(attachTypeLack(program(section), kernel('BPF_CGROUP_INET_INGRESS'))).toBe(`it has no attach type ${type}`);
  expect(attachTypeLack(program(section), kernel('BPF_CGROUP_INET_INGRESS', type))).toBeNull();
});

it('lets old sections through, and forbids nothing where the kernel has no list', () => {
  expect(needsAttachTypes([program('tc'), program('kprobe/vfs_read'), program('fentry/vfs_read')])).toBe(false);
  expect(attachTypeLack(program('tc'), kernel('BPF_CGROUP_INET_INGRESS'))).toBeNull();
  expect(attachTypeLack(program('tcx/ingress'), kernel())).toBeNull();
});
