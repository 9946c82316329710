import { describe, expect, it } from 'vitest';
import type { ObjectSpec, ProgramSpec } from '../object/object-spec.js';
import type { KernelNames } from './kernel-names.js';
import { preflightCalls } from './preflight-calls.js';
import { needsConfigProbe, needsTypeProbe, preflight, type KernelFacts } from './preflight.js';

const facts: KernelFacts = {
  release: '6.12.0',
  hasBtf: true,
  tracepoints: new Set(['sched:sched_process_exec', 'sched:sched_switch']),
  lsm: ['capability', 'bpf'],
  config: new Map([['CONFIG_KPROBES', 'y']]),
  programTypes: null,
  mapTypes: null,
  names: null,
  types: null,
  lockdown: null
};

const functions = [
  ...['vfs_open', 'vfs_read', 'do_unlinkat', 'bpf_lsm_file_open', 'bpf_lsm_task_kill', 'bpf_task_acquire'],
  ...['__x64_sys_openat', '__x64_sys_getpid', 'foo.isra.0']
];
const typedefs = ['btf_trace_sched_switch', 'btf_trace_sched_wakeup'];
const names: KernelNames = {
  has: (kind, name) => (kind === 'function' ? functions : typedefs).includes(name),
  from: (kind, prefix) => (kind === 'function' ? functions : typedefs).filter(name => name.startsWith(prefix))
};

function program(section: string, type: string): ProgramSpec {
  const attachTarget = section.split('/').slice(1).join('/');
  return {
    name: 'f',
    section,
    type,
    attachTarget,
    optional: false,
    insnCount: 2,
    lines: [],
    calls: { helpers: [], functions: [] }
  };
}

function check(section: string, type: string, change: Partial<KernelFacts> = {}): () => void {
  const one = program(section, type);
  const object = { programs: [one], maps: [], externs: [], operations: [] } as unknown as ObjectSpec;
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

  it.each([
    ['kprobe/vfs_opne', 'kprobe', 'it has no function "vfs_opne"; is it "vfs_open"'],
    ['kretprobe/nothing_like_it', 'kprobe', 'it has no function "nothing_like_it".'],
    ['fentry/vfs_raed', 'tracing', 'is it "vfs_read"'],
    ['fexit.s/vfs_raed', 'tracing', 'is it "vfs_read"'],
    ['lsm/file_opne', 'lsm', 'it has no LSM hook "file_opne"; is it "file_open"'],
    ['ksyscall/opneat', 'kprobe', 'it has no system call "opneat"; is it "openat"'],
    ['tp_btf/sched_swich', 'tracing', 'it has no tracepoint "sched_swich"; is it "sched_switch"'],
    ['raw_tp/sched_swich', 'raw_tracepoint', 'is it "sched_switch"']
  ])('says that the kernel lacks the name in %s, and which is near', (section, type, words) => {
    expect(check(section, type, { names })).toThrow(words);
    expect(check(section, type)).not.toThrow();
  });

  it.each([
    ['kprobe/vfs_open', 'kprobe'],
    ['kprobe/vfs_open+0x10', 'kprobe'],
    ['kprobe/foo.isra.0', 'kprobe'],
    ['kprobe', 'kprobe'],
    ['ksyscall/getpid', 'kprobe'],
    ['fentry/do_unlinkat', 'tracing'],
    ['lsm.s/file_open', 'lsm'],
    ['raw_tp/sched_switch', 'raw_tracepoint'],
    // An event of a module is no type of the kernel.
    ['raw_tp/sched_process_exec', 'raw_tracepoint'],
    ['uprobe//bin/sh:main', 'kprobe']
  ])('lets %s through', (section, type) => {
    expect(check(section, type, { names })).not.toThrow();
  });

  it('takes a pattern for what it is', () => {
    const config = new Map([
      ['CONFIG_KPROBES', 'y'],
      ['CONFIG_FPROBE', 'y']
    ]);
    expect(check('kprobe.multi/vfs_opne*', 'kprobe', { names, config })).not.toThrow();
    expect(check('kprobe.multi/vfs_opne', 'kprobe', { names, config })).toThrow('is it "vfs_open"');
  });

  it('says which function of the kernel cannot be called', () => {
    const call = (name: string, asked: boolean) => () => {
      const externs = [{ name, kind: 'ksym', weak: asked, asked, isFunction: true }];
      preflight({ programs: [], maps: [], externs, operations: [] } as unknown as ObjectSpec, [], { ...facts, names });
    };
    expect(call('bpf_task_aquire', false)).toThrow(
      'cannot run the call of "bpf_task_aquire" — it has no function that programs may call "bpf_task_aquire"; is it "bpf_task_acquire"'
    );
    expect(call('bpf_task_aquire', true)).not.toThrow();
    expect(call('bpf_task_acquire', false)).not.toThrow();
  });

  it('says which operations the kernel does not take', () => {
    const call = (type: string) => () => {
      const operations = [{ name: 'ops', type }];
      const known = { has: () => false, from: () => ['bpf_struct_ops_Qdisc_ops', 'bpf_struct_ops_tcp_congestion_ops'] };
      const has = (_: unknown, name: string): boolean => known.from().includes(name);
      const object = { programs: [], maps: [], externs: [], operations } as unknown as ObjectSpec;
      preflight(object, [], { ...facts, names: { ...known, has } });
    };
    expect(call('Qdisc_ops___mine')).not.toThrow();
    expect(call('sched_ext_ops')).toThrow('cannot run the operations "ops" — it has no operations "sched_ext_ops"');
  });

  it('names the nearest tracepoint and category', () => {
    expect(check('tp/sched/sched_swich', 'tracepoint')).toThrow('is it "sched_switch"');
    expect(check('tp/shced/sched_switch', 'tracepoint')).toThrow(
      'no tracepoints of the category "shced"; is it "sched"'
    );
  });

  it('asks for a probe of types only when there is a rare one', () => {
    const object = (type: string): ObjectSpec =>
      ({ programs: [program('x', type)], maps: [] }) as unknown as ObjectSpec;
    expect([needsTypeProbe(object('tracepoint')), needsTypeProbe(object('struct_ops'))]).toEqual([false, true]);
    const hooks = ['tp/a/b', 'kprobe/x', 'kretprobe.multi/x*', '?ksyscall/open', 'uprobe'];
    expect(hooks.map(hook => needsConfigProbe([program(hook, 'x')]))).toEqual([false, true, true, true, false]);
  });

  const GET_COMM = 16;
  const WRITE_USER = 36;
  const OVERRIDE_RETURN = 58;
  const USER_RINGBUF_DRAIN = 209;
  const calling = (type: string, helpers: number[], functions: string[] = []): ProgramSpec => ({
    ...program(type, type),
    calls: { helpers, functions }
  });
  const run = (one: ProgramSpec, change: Partial<KernelFacts>) => () => {
    preflightCalls([one], { ...facts, ...change });
  };
  const kernelWith = (...enumerators: string[]): KernelFacts['types'] => ({
    types: [],
    find: () => null,
    enumerator: name => (enumerators.includes(name) ? { value: 1n } : null)
  });

  it('says which helper a type of programs may not call, and where it may', () => {
    const xdp = calling('xdp', [GET_COMM]);
    expect(run(xdp, {})).toThrow('its programs of type xdp may not call bpf_get_current_comm; on Linux 7.3 they may.');
    expect(run(xdp, { release: '7.3.4' })).not.toThrow();
    expect(run(calling('kprobe', [GET_COMM]), {})).not.toThrow();
    expect(run(calling('struct_ops', [GET_COMM]), {})).not.toThrow();
  });

  it('says which helper came later, where the kernel itself does not list it', () => {
    const drain = calling('kprobe', [USER_RINGBUF_DRAIN]);
    const old = { release: '5.15.0', types: kernelWith('BPF_FUNC_map_lookup_elem') };
    expect(run(drain, old)).toThrow('it has no helper bpf_user_ringbuf_drain, which came with Linux 6.1.');
    const brought = kernelWith('BPF_FUNC_map_lookup_elem', 'BPF_FUNC_user_ringbuf_drain');
    expect(run(drain, { ...old, types: brought })).not.toThrow();
    expect(run(drain, { release: '5.15.0' })).not.toThrow();
  });

  it('says what locks and options take away', () => {
    expect(run(calling('kprobe', [WRITE_USER]), { lockdown: 'integrity' })).toThrow(
      'its lockdown (integrity) takes bpf_probe_write_user away'
    );
    expect(run(calling('kprobe', [WRITE_USER]), { lockdown: 'none' })).not.toThrow();
    const override = calling('kprobe', [OVERRIDE_RETURN]);
    expect(run(override, {})).toThrow('without CONFIG_BPF_KPROBE_OVERRIDE, which bpf_override_return needs');
    expect(run(override, { config: null })).not.toThrow();
  });

  it('says which function of the kernel a type of programs may not call', () => {
    expect(run(calling('xdp', [], ['bpf_sock_destroy']), {})).toThrow(
      'its programs of type xdp may not call bpf_sock_destroy; those of type tracing may.'
    );
    expect(run(calling('tracing', [], ['bpf_sock_destroy']), {})).not.toThrow();
    expect(run(calling('xdp', [], ['bpf_of_a_module']), {})).not.toThrow();
    expect(run(calling('xdp', [], ['bpf_of_a_module']), { names })).toThrow('no function that programs may call');
  });
});
