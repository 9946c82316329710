import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scriptFunctions, scriptLack } from './script-lack.js';

const bpftrace = [
  '%%bpftrace opens',
  '// kprobe:in_a_comment',
  'BEGIN { printf(" kprobe:in_a_text,"); }',
  'tracepoint:syscalls:sys_enter_open,',
  'tracepoint:syscalls:sys_enter_openat { @[args.filename] = 1; }',
  'kprobe:vfs_read /pid == 1/ { @++; } kretprobe:vfs_read { @--; }',
  'fentry:btrfs:btrfs_file_write { } kprobe:vfs_* { } t:sched:sched_switch{}',
  'uprobe:/bin/bash:readline { }'
].join('\n');
const bcc = [
  '%%bcc',
  'text = """',
  'TRACEPOINT_PROBE(random, urandom_read) { return 0; }',
  'int kprobe__vfs_open(void *ctx) { return 0; }',
  '"""'
].join('\n');

const kernelWith = (functions: string[], tracepoints: string[]): Parameters<typeof scriptLack>[1] => ({
  names: { has: (_, name) => functions.includes(name), from: () => functions },
  tracepoints: new Set(tracepoints)
});
const calls = ['syscalls:sys_enter_open', 'syscalls:sys_enter_openat'];

it('reads the functions that a script names, not those of comments, texts and patterns', () => {
  expect(scriptFunctions(bpftrace)).toEqual(['vfs_read', 'vfs_read', 'btrfs_file_write']);
  expect(scriptFunctions(bcc)).toEqual([]);
});

it('names what the kernel lacks', () => {
  const functions = ['vfs_read', 'btrfs_file_write'];
  expect(scriptLack(bpftrace, kernelWith(functions, [...calls, 'sched:sched_switch']))).toBeNull();
  expect(scriptLack(bpftrace, kernelWith(functions, calls))).toBe('it has no tracepoint "sched:sched_switch"');
  expect(scriptLack(bpftrace, kernelWith(['vfs_read'], [...calls, 'sched:sched_switch']))).toMatch(
    /^it has no function "btrfs_file_write"/
  );
  expect(scriptLack(bcc, kernelWith([], []))).toBeNull();
});

it('lets a script go without what it does not insist on', () => {
  const cell = '%%bpftrace either\nconfig = { missing_probes = "ignore" }\nkprobe:old_name, kprobe:new_name { }';
  expect(scriptLack(cell, kernelWith(['new_name'], []))).toBeNull();
});

it('holds nothing against a kernel of which nothing is known', () => {
  fc.assert(fc.property(fc.string(), text => scriptLack(text, { names: null, tracepoints: null }) === null));
});
