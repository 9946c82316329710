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
const old = kernel('BPF_MAP_TYPE_HASH', 'BPF_PROG_TYPE_KPROBE', 'BPF_PROG_TYPE_SCHED_CLS');

it('names maps and programs, lets old sections through, and forbids nothing where the kernel has no lists', () => {
  expect(kernelTypeLack(object, [], old)).toBe('it has no maps of type arena, which "list" is');
  expect(kernelTypeLack(noMaps, [program('netfilter', 'netfilter')], old)).toBe(
    'it has no programs of type netfilter, which "on" is'
  );
  expect(kernelTypeLack(noMaps, [program('tc', 'sched_cls')], old)).toBeNull();
  expect(kernelTypeLack(object, [program('netfilter', 'netfilter')], kernel())).toBeNull();
});
