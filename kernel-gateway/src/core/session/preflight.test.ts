import { describe, expect, it } from 'vitest';
import type { ObjectSpec, ProgramSpec } from '../object/object-spec.js';
import { needsTypeProbe, preflight, type KernelFacts } from './preflight.js';

const facts: KernelFacts = {
  release: '6.12.0',
  hasBtf: true,
  tracepoints: new Set(['sched:sched_process_exec', 'sched:sched_switch']),
  lsm: ['capability', 'bpf'],
  config: new Map([['CONFIG_KPROBES', 'y']]),
  programTypes: null,
  mapTypes: null
};

function program(section: string, type: string): ProgramSpec {
  const attachTarget = section.split('/').slice(1).join('/');
  return { name: 'f', section, type, attachTarget, optional: false, insnCount: 2, lines: [] };
}

function check(section: string, type: string, change: Partial<KernelFacts> = {}): () => void {
  const one = program(section, type);
  const object = { programs: [one], maps: [] } as unknown as ObjectSpec;
  return () => preflight(object, [one], { ...facts, ...change });
}

describe('preflight', () => {
  it('lets through what the kernel has, and what is not known', () => {
    expect(check('tp/sched/sched_switch', 'tracepoint')).not.toThrow();
    expect(check('kprobe/do_unlinkat', 'kprobe')).not.toThrow();
    expect(check('lsm/file_open', 'lsm')).not.toThrow();
    expect(check('tp/foo/bar', 'tracepoint', { tracepoints: null })).not.toThrow();
    expect(check('kprobe/x', 'kprobe', { config: null })).not.toThrow();
  });

  it.each([
    ['tp/sched/sched_process_exce', 'tracepoint', {}, /no tracepoint "sched_process_exce" among the 2 of "sched"/],
    ['tp/nothing/here', 'tracepoint', {}, /no tracepoints of the category "nothing"/],
    ['kprobe/do_unlinkat', 'kprobe', { config: new Map() }, /built without CONFIG_KPROBES/],
    ['kprobe.multi/x*', 'kprobe', {}, /built without CONFIG_FPROBE/],
    ['lsm/file_open', 'lsm', { lsm: ['capability'] }, /"bpf" is not among its active security modules/],
    ['fentry/x', 'tracing', { hasBtf: false }, /has no BTF/],
    ['struct_ops/x', 'struct_ops', { programTypes: new Map([['struct_ops', false]]) }, /no programs of type struct_ops/]
  ])('refuses %s with the reason', (section, type, change, reason) => {
    expect(check(section, type, change)).toThrow(reason);
  });

  it('asks for a probe of types only when there is a rare one', () => {
    const object = (type: string): ObjectSpec =>
      ({ programs: [program('x', type)], maps: [] }) as unknown as ObjectSpec;
    expect([needsTypeProbe(object('tracepoint')), needsTypeProbe(object('struct_ops'))]).toEqual([false, true]);
  });
});
