import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { functionAt, readSource } from './cell-source.js';
import { textOfType } from './declaration.js';
import { enclosingCall } from './enclosing-call.js';
import { variablesAt } from './scope.js';

/** Any text, and text that looks like C. */
const words = [
  'SEC("xdp")\n',
  'struct ',
  'x',
  '{',
  '}',
  '(',
  ')',
  ';',
  '*',
  ',',
  '"',
  "'",
  '/*',
  '*/',
  '//',
  '\n',
  '= ',
  '[',
  ']',
  '->',
  '.'
];
const more = [
  '__uint(type, ',
  'SEC(".maps")',
  '#define ',
  '\\\n',
  'int ',
  'for (',
  'typedef ',
  'enum ',
  'BPF_PROG(',
  ':',
  '3'
];
const cText = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.array(fc.constantFrom(...words, ...more), { maxLength: 60 }).map(parts => parts.join(''))
);

const CELL = `#include "vmlinux.h"
#define MOST(a, b) \\
  ((a) > (b) ? (a) : (b))
char LICENSE[] SEC("license") = "GPL";
const volatile int wanted = 0;
struct event { u32 pid; char comm[16]; struct { int a, *b; } in; union { int q; }; void (*fn)(int); unsigned int bit : 3; };
typedef struct { int x; } place_t;
enum kind { FIRST, SECOND = 2 };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64 * 2); __type(key, struct event); __type(value, u64); } counts SEC(".maps");
static __always_inline int inner(struct task_struct *t, int x) { return 0; }
int declared_only(int y);
SEC("fentry/do_unlinkat")
int BPF_PROG(on_unlink, int dfd, struct filename *name)
{
  struct task_struct *task = 0, *other;
  for (int i = 0; i < 3; i++) { u64 here = 1; }
  if (dfd) {
  foo(
SEC("?tp/sched/sched_process_exec")
int on_exec(struct trace_event_raw_sched_process_exec *ctx) { return 0; }
`;

describe('readSource', () => {
  const source = readSource(CELL);

  it('finds functions with their section, also behind one that is half typed', () => {
    expect(source.functions.map(({ name, section, macro }) => [name, section, macro])).toEqual([
      ['inner', null, ''],
      ['on_unlink', 'fentry/do_unlinkat', 'BPF_PROG'],
      ['on_exec', '?tp/sched/sched_process_exec', '']
    ]);
    expect(source.functions[1]!.parameters.map(one => `${textOfType(one.type)} ${one.name}`)).toEqual([
      'int dfd',
      'struct filename * name'
    ]);
  });

  it('finds maps, types, globals and macros', () => {
    expect(source.maps).toEqual([
      { name: 'counts', at: CELL.indexOf('counts'), type: 'HASH', key: 'struct event', value: 'u64', entries: '64 * 2' }
    ]);
    expect(source.records.map(record => record.name)).toEqual(['struct event', 'struct', 'enum kind']);
    expect(source.records[0]!.members.map(one => one.name)).toEqual(['pid', 'comm', 'in', '', 'fn', 'bit']);
    expect(source.records[2]!.values.map(one => one.name)).toEqual(['FIRST', 'SECOND']);
    expect(source.typedefs.map(one => one.name)).toEqual(['place_t']);
    expect(source.globals.map(one => one.name)).toEqual(['LICENSE', 'wanted']);
    expect(source.macros.map(one => one.name + one.parameters)).toEqual(['MOST(a, b)']);
  });

  it('knows the function that an offset is in, and its variables, the nearest first', () => {
    const at = CELL.indexOf('foo(');
    expect(functionAt(source, at)?.name).toBe('on_unlink');
    expect(variablesAt(CELL, source, at).map(one => one.name)).toEqual([
      ...['here', 'i', 'other', 'task', 'dfd', 'name', 'LICENSE', 'wanted']
    ]);
    expect(functionAt(source, 3)).toBeNull();
  });

  it('reads any text without throwing, with offsets inside of it', () => {
    fc.assert(
      fc.property(cText, fc.nat(400), (text, at) => {
        const read = readSource(text);
        for (const one of read.functions) {
          expect(one.start <= one.bodyStart && one.bodyStart <= one.bodyEnd && one.bodyEnd <= text.length).toBe(true);
          expect(text.slice(one.at, one.at + one.name.length)).toBe(one.name);
        }
        for (const one of [...read.maps, ...read.globals])
          expect(text.slice(one.at, one.at + one.name.length)).toBe(one.name);
        variablesAt(text, read, at);
        enclosingCall(text, at);
      }),
      { numRuns: 300 }
    );
  });

  it('reads deep nesting without a stack overflow, and a megabyte in reasonable time', () => {
    expect(readSource(`${'struct {'.repeat(20_000)} int x;`).functions).toEqual([]);
    expect(readSource('('.repeat(500_000)).functions).toEqual([]);
    expect(readSource('SEC("xdp")\nint f( {'.repeat(2000)).functions.length).toBeGreaterThan(0);
  });
});

describe('enclosingCall', () => {
  it.each([
    ['f(a, |', 'f', 1],
    ['f(a, g(b)|', 'f', 1],
    ['f(a, g(|b))', 'g', 0],
    ['x = f(|', 'f', 0],
    ['f(a, (struct x){1, |', null, 0],
    ['if (|', null, 0],
    ['f(1);|', null, 0],
    ['for (i = 0; f(|', 'f', 0]
  ])('%s', (text, name, argument) => {
    const call = enclosingCall(text.replace('|', ''), text.indexOf('|'));
    expect(call?.name ?? null).toBe(name);
    if (call) expect(call.argument).toBe(argument);
  });
});
