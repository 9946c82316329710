import { beforeAll, expect, it } from 'vitest';
import type { StackProfile } from '../../kernel-gateway/src/protocol/index.js';
import { stackProfiler } from '../fixtures/stack-profiler.js';
import { inOneSession } from './on-each-target.js';

const profiler = stackProfiler('bur');

/** Works in a function whose name is seen, and reads, so that the kernel has stacks too; for ever. */
const burner = `%%user burner --bg
#include <fcntl.h>
#include <unistd.h>
#include <sys/prctl.h>

static volatile unsigned long sum;

__attribute__((noinline)) void burn_in_here(void)
{
    for (unsigned long i = 0; i < 3000000; i++)
        sum += i;
}

int main(void)
{
    char block[65536];
    int zero = open("/dev/zero", O_RDONLY);

    prctl(PR_SET_NAME, "burner");
    for (;;) {
        burn_in_here();
        for (int i = 0; i < 200; i++)
            if (read(zero, block, sizeof(block)) < 0)
                return 1;
    }
}
`;

/** Samples of the burner, each with its stacks: the program's by id, the kernel's in the record itself. */
const samples = `%%bpf samples
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct taken {
    __u32 tgid;
    int user_stack_id;
    __u64 kstack[16];
};

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_STACK_TRACE);
    __uint(max_entries, 1024);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

SEC("perf_event")
int on_tick(void *ctx)
{
    char comm[16] = {};
    struct taken *sample;

    bpf_get_current_comm(comm, sizeof(comm));
    if (comm[0] != 'b' || comm[1] != 'u' || comm[2] != 'r')
        return 0;
    sample = bpf_ringbuf_reserve(&events, sizeof(*sample), 0);
    if (!sample)
        return 0;
    sample->tgid = bpf_get_current_pid_tgid() >> 32;
    sample->user_stack_id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
    bpf_get_stack(ctx, sample->kstack, sizeof(sample->kstack), 0);
    bpf_ringbuf_submit(sample, 0);
    return 0;
}
`;

inOneSession('stacks', cells => {
  beforeAll(async () => {
    await cells().ok(burner);
  });

  const profile = (): StackProfile | undefined => cells().view('counts').snapshot.stacks;
  const names = (kind: string): Set<string> =>
    new Set((profile()?.frames ?? []).filter(frame => frame.kind === kind && frame.is_known).map(frame => frame.name));

  it('names the functions of the kernel and of a program, by process', async () => {
    await cells().ok(profiler);
    expect(cells().view('counts')).toMatchObject({ kind: 'stacks', alternatives: ['map'] });
    await cells().until(
      () => names('user').has('burn_in_here') && [...names('kernel')].some(name => /read/.test(name))
    );
    expect([...names('process')]).toEqual(['burner']);
    const shown = profile();
    const total = (shown?.stacks ?? []).reduce((sum, stack) => sum + BigInt(stack.count), 0n);
    expect(total + BigInt(shown?.omitted.count ?? 0)).toBe(BigInt(shown?.total ?? -1));
    // The process stands at the foot, its functions on it, the kernel's on top.
    const order = { process: 0, user: 1, kernel: 2 };
    for (const stack of shown?.stacks ?? []) {
      const kinds = stack.frames.map(number => order[shown?.frames[number]?.kind ?? 'process']);
      expect(kinds).toEqual([...kinds].sort((a, b) => a - b));
    }
    expect(cells().displayOf('counts')['text/plain']).toMatch(/samples +share +stack/);
    expect(cells().displayOf('counts')['text/plain']).toContain('burn_in_here');
    // The plain map is there too.
    expect(cells().rows('counts')[0]).toMatchObject({ comm: 'burner' });
  });

  it('names the functions of stacks that records carry', async () => {
    await cells().ok(samples);
    const has = (column: string, name: RegExp): boolean =>
      cells()
        .rows('events')
        .some(row => name.test(row[column] ?? ''));
    await cells().until(
      () => cells().hasView('events') && has('user_stack', /burn_in_here ← main/) && has('@kstack', /read/)
    );
    // The STACK_TRACE map has no view: its stacks are in the records.
    expect(cells().hasView('stacks')).toBe(false);
    await cells().ok('%stop');
    // What came last was named before its maps went.
    expect(has('user_stack', /^reading/)).toBe(false);
  });
});
