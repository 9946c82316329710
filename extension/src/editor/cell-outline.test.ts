import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellOutline } from './cell-outline.js';

const CELL = `%%bpf both
#include "vmlinux.h"
char LICENSE[] SEC("license") = "GPL";

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} events SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
} counts SEC(".maps");

static __always_inline int add(int a, int b)
{
    if (a) { return b; }
    return a;
}
// SEC("xdp") int no(void) {}
SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
    return add(1, 2);
}

SEC("fentry/do_unlinkat")
int BPF_PROG(on_unlink, int dfd)
{
    return 0;
}
`;

describe('cellOutline', () => {
  it('lists programs, maps and functions by their lines', () => {
    expect(cellOutline(CELL).map(({ kind, name, detail, line }) => [kind, name, detail, line])).toEqual([
      ['map', 'events', 'ringbuf', 8],
      ['map', 'counts', 'hash', 11],
      ['function', 'add', '', 13],
      ['program', 'on_exec', 'tp/sched/sched_process_exec', 19],
      ['program', 'on_unlink', 'fentry/do_unlinkat', 25]
    ]);
  });

  it('has nothing for other cells', () => {
    expect(cellOutline('%%sh\nSEC("xdp") int f(void) {}')).toEqual([]);
    expect(cellOutline('')).toEqual([]);
  });

  it('reads any text', () => {
    fc.assert(fc.property(fc.string(), text => void cellOutline(`SEC("x") ${text}`)));
  });
});
