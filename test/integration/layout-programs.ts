/**
 * C for random layouts: a native program that fills each struct with random bytes and prints every member as the compiler
 * sees it, and BPF programs that put the same structs, without a word about their types, into rings.
 */
import type { Aggregate, Field } from './random-layouts.js';

const suffix = (field: Field): string => field.dimensions.map(count => `[${count}]`).join('');
const alignment = (field: Field): string => (field.aligned > 0 ? ` __attribute__((aligned(${field.aligned})))` : '');

function fieldText(field: Field): string {
  const { type } = field;
  const name = `${field.name}${suffix(field)}`;
  switch (type.kind) {
    case 'struct':
    case 'union':
      return `${aggregateText(type)} ${name};`;
    case 'chars':
      return `char ${name}[${type.length}];`;
    case 'bool':
      return `_Bool ${name}${field.width > 0 ? ' : 1' : ''};`;
    case 'enum': {
      const values = type.values
        .map(value => `${value.name} = ${value.value}${type.size === 8 ? 'LL' : ''}`)
        .join(', ');
      return `enum { ${values} } ${name}${field.width > 0 ? ` : ${field.width}` : ''};`;
    }
    default:
      return `${type.c} ${name}${field.width > 0 ? ` : ${field.width}` : ''}${alignment(field)};`;
  }
}

function aggregateText(type: Aggregate, name = ''): string {
  const packed = type.packed ? ' __attribute__((packed))' : '';
  return `${type.kind}${packed} ${name}{ ${type.fields.map(fieldText).join(' ')} }`;
}

/** `struct layout_N { … };` of each layout, with the types that they name. */
function definitions(layouts: Aggregate[], firstIndex: number): string {
  const structs = layouts.map((layout, index) => `${aggregateText(layout, `layout_${firstIndex + index} `)};`);
  return ['typedef unsigned long long u64_alias;', 'struct peer;', ...structs].join('\n');
}

const printers = { bool: 'print_bool', float: 'print_float', pointer: 'print_pointer', wide: 'print_wide' };

function isSigned(type: Extract<Field['type'], { kind: 'int' | 'enum' }>): boolean {
  return type.kind === 'int' ? type.signed : type.values.some(({ value }) => value < 0n);
}

/** Calls to print one member: the C expression is the value's place, `path` the name of the column. */
function printsOf(field: Field, place: string, path: string): string[] {
  const { type } = field;
  if (field.dimensions.length > 0) {
    const [count = 0, ...rest] = field.dimensions;
    const element = { ...field, dimensions: rest };
    const parts = Array.from({ length: count }, (_unused, index) =>
      printsOf(element, `${place}[${index}]`, `${path}[${index}]`)
    );
    return [`open_list("${path}");`, ...parts.flat(), 'close_list();'];
  }
  if ('fields' in type) return [`open_members("${path}");`, ...membersOf(type, place, path), 'close_members();'];
  if (type.kind === 'chars') return [`print_chars("${path}", ${place}, ${type.length});`];
  if (type.kind === 'int' || type.kind === 'enum') {
    return [`${isSigned(type) ? 'print_signed' : 'print_unsigned'}("${path}", ${place});`];
  }
  return [`${printers[type.kind]}("${path}", ${place});`];
}

function membersOf(type: Aggregate, place: string, path: string): string[] {
  return type.fields.flatMap(field => {
    // Members of an unnamed struct belong to the one around it.
    if (field.name === '') return membersOf(field.type as Aggregate, place, path);
    return printsOf(field, `${place}.${field.name}`, path === '' ? field.name : `${path}.${field.name}`);
  });
}

const isBoolRepair = (repair: string): boolean => repair.startsWith('*');

/** A bool may hold nothing but 0 and 1, so that random bytes are set right; floats of random bits are what they are. */
function repairsOf(type: Aggregate, place: string): string[] {
  return type.fields.flatMap(field => repairField(field, field.name === '' ? place : `${place}.${field.name}`));
}

function repairField(field: Field, place: string): string[] {
  if (field.dimensions.length > 0) {
    const [count = 0, ...rest] = field.dimensions;
    const element = { ...field, dimensions: rest };
    return Array.from({ length: count }, (_unused, index) => repairField(element, `${place}[${index}]`)).flat();
  }
  const { type } = field;
  if (type.kind === 'struct' || type.kind === 'union') return repairsOf(type, place);
  if (type.kind === 'bool' && field.width === 0) return [`*(unsigned char *)&${place} &= 1;`];
  if (type.kind === 'enum' && field.width === 0) {
    const choices = type.values.map(value => value.name);
    return [`if (next() & 1) ${place} = ${choices[choices.length >> 1] ?? '0'};`];
  }
  return [];
}

const nativeHeader = String.raw`
#include <stdio.h>
#include <string.h>
#include <asm/types.h>
static unsigned long long state = 88172645463325252ULL;
static unsigned long long next(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }
static void fill(void *at, unsigned long size) {
	unsigned char *bytes = at;
	for (unsigned long i = 0; i < size; i++) { unsigned r = next() >> 11; bytes[i] = r % 4 == 0 ? r >> 8 : r % 4 == 1 ? 0 : 0x20 + (r >> 8) % 0x5f; }
}
static void print_bytes(int layout, const void *at, unsigned long size) {
	const unsigned char *bytes = at;
	printf("layout\t%d\t", layout);
	for (unsigned long i = 0; i < size; i++) printf("%02x", bytes[i]);
	printf("\n");
}
static void open_list(const char *p) { printf("[\t%s\n", p); }
static void close_list(void) { printf("]\n"); }
static void open_members(const char *p) { printf("{\t%s\n", p); }
static void close_members(void) { printf("}\n"); }
static void print_signed(const char *p, long long v) { printf("i\t%s\t%lld\n", p, v); }
static void print_unsigned(const char *p, unsigned long long v) { printf("i\t%s\t%llu\n", p, v); }
static void print_bool(const char *p, _Bool v) { printf("b\t%s\t%s\n", p, v ? "true" : "false"); }
static void print_float(const char *p, double v) { printf("f\t%s\t%.17g\n", p, v); }
static void print_pointer(const char *p, const void *v) { printf("p\t%s\t0x%lx\n", p, (unsigned long)v); }
static void print_wide(const char *p, unsigned __int128 v) {
	unsigned long high = v >> 64, low = v;
	if (high) printf("p\t%s\t0x%lx%016lx\n", p, high, low); else printf("p\t%s\t0x%lx\n", p, low);
}
static void print_chars(const char *p, const char *v, int n) {
	printf("s\t%s\t", p);
	for (int i = 0; i < n && v[i]; i++) printf("%02x", (unsigned char)v[i]);
	printf("\n");
}
`;

/** The native program of some layouts: prints `perLayout` random values of each. */
export function nativeProgram(layouts: Aggregate[], firstIndex: number, perLayout: number): string {
  const functions = layouts.map((layout, index) => {
    const name = `layout_${firstIndex + index}`;
    const lines = [
      `fill(&v, sizeof(v));`,
      // Bools last: they may share bytes with an enum in a union.
      ...repairsOf(layout, 'v').sort((left, right) => Number(isBoolRepair(left)) - Number(isBoolRepair(right))),
      `print_bytes(${firstIndex + index}, &v, sizeof(v));`,
      ...membersOf(layout, 'v', '')
    ];
    return `static void run_${name}(void) { static struct ${name} v; ${lines.join(' ')} }`;
  });
  const calls = layouts.map((_unused, index) => `run_layout_${firstIndex + index}();`);
  const main = `int main(void) { for (int i = 0; i < ${perLayout}; i++) { ${calls.join(' ')} } return 0; }`;
  return [nativeHeader, definitions(layouts, firstIndex), ...functions, main].join('\n');
}

/** An integer member that a program can set, as C would name it; null when there is none. */
function settable(type: Aggregate, place: string): string | null {
  for (const field of type.fields) {
    const inner = field.name === '' ? place : `${place}.${field.name}`;
    if (field.dimensions.length > 0) continue;
    if (field.type.kind === 'int' && !field.type.c.startsWith('const')) return inner;
    const found = field.type.kind === 'struct' || field.type.kind === 'union' ? settable(field.type, inner) : null;
    if (found) return found;
  }
  return null;
}

const bpfHeader = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define RING(name) struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } name SEC(".maps")
char LICENSE[] SEC("license") = "GPL";
`;

const setOf = (layout: Aggregate, place: string): string => {
  const member = settable(layout, place);
  return member ? `${member} = bpf_get_smp_processor_id();` : `bpf_get_current_comm((void *)&${place}, 1);`;
};

/** At least as many bytes as the struct has: the BPF stack holds 512. */
function mostBytes(type: Aggregate): number {
  return type.fields.reduce((sum, field) => {
    const count = field.dimensions.reduce((product, size) => product * size, 1);
    const { type: inner } = field;
    const one = 'fields' in inner ? mostBytes(inner) : inner.kind === 'chars' ? inner.length : 16;
    return sum + count * one + 16;
  }, 0);
}

/** Four ways to reserve a record and four to output one, as programs are written. */
function programOf(layout: Aggregate, index: number): string {
  const type = `struct layout_${index}`;
  const set = setOf(layout, '(*e)');
  const reserves = [
    `${type} *e = bpf_ringbuf_reserve(&reserved_${index}, sizeof(*e), 0); if (!e) return 0; ${set} bpf_ringbuf_submit(e, 0);`,
    `${type} *e; e = bpf_ringbuf_reserve(&reserved_${index}, sizeof(${type}), 0); if (!e) return 0; fill_${index}(e); bpf_ringbuf_submit(e, 0);`,
    `${type} *e = bpf_ringbuf_reserve(&reserved_${index}, sizeof(*e), 0); if (!e) return 0; __builtin_memset(e, 0, sizeof(*e)); sub_${index}(e); bpf_ringbuf_submit(e, 0);`,
    `${type} *e = bpf_ringbuf_reserve(&reserved_${index}, sizeof(*e), 0); if (!e) return 0; bpf_probe_read_kernel(e, sizeof(*e), ctx); ${set} bpf_ringbuf_submit(e, 0);`
  ];
  const outputs = [
    `${type} v = {}, *e = &v; ${set} bpf_ringbuf_output(&sent_${index}, &v, sizeof(v), 0);`,
    `${type} v; __builtin_memset(&v, 0, sizeof(v)); sub_${index}(&v); bpf_ringbuf_output(&sent_${index}, &v, sizeof(v), 0);`,
    `__u32 zero = 0; ${type} *e = bpf_map_lookup_elem(&heap_${index}, &zero); if (!e) return 0; ${set} bpf_ringbuf_output(&sent_${index}, e, sizeof(*e), 0);`,
    `${type} v = {}; fill_${index}(&v); bpf_ringbuf_output(&sent_${index}, &v, sizeof(v), 0);`
  ];
  return [
    `RING(reserved_${index}); RING(sent_${index});`,
    `struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, __u32); __uint(value_size, sizeof(${type})); } heap_${index} SEC(".maps");`,
    `static __always_inline void fill_${index}(${type} *e) { ${set} }`,
    `static __attribute__((noinline)) int sub_${index}(${type} *e) { if (!e) return 0; ${set} return 0; }`,
    `SEC("tp/sched/sched_process_exec") int reserve_${index}(void *ctx) { ${reserves[index % 4]} return 0; }`,
    `SEC("tp/sched/sched_process_exit") int output_${index}(void *ctx) { ${outputs[mostBytes(layout) > 440 ? 2 : (index >> 2) % 4]} return 0; }`
  ].join('\n');
}

/** The BPF object's source of some layouts. No type is named where a ring is defined. */
export function bpfProgram(layouts: Aggregate[], firstIndex: number): string {
  const programs = layouts.map((layout, index) => programOf(layout, firstIndex + index));
  return [bpfHeader, definitions(layouts, firstIndex), ...programs].join('\n');
}
