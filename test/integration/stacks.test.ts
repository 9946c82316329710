import { expect, it } from 'vitest';
import type { StackProfile } from '../../kernel-gateway/src/protocol/index.js';
import type { LabFixture } from './lab-fixture.js';
import { onEachTarget } from './on-each-target.js';

/** A sampling profiler as everybody writes it: stack ids by process, counted. */
const profiler = `%%bpf profile
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct call_key {
    __u32 pid;
    int kern_stack_id;
    int user_stack_id;
    char comm[16];
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 10240);
    __type(key, struct call_key);
    __type(value, __u64);
} counts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_STACK_TRACE);
    __uint(max_entries, 16384);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

SEC("perf_event")
int sample(void *ctx)
{
    struct call_key key = {};
    __u64 one = 1, *count;

    key.pid = bpf_get_current_pid_tgid() >> 32;
    bpf_get_current_comm(key.comm, sizeof(key.comm));
    if (key.pid == 0 || key.comm[0] != 'b' || key.comm[1] != 'u' || key.comm[2] != 'r')
        return 0;
    key.kern_stack_id = bpf_get_stackid(ctx, &stacks, 0);
    key.user_stack_id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
    count = bpf_map_lookup_elem(&counts, &key);
    if (count)
        __sync_fetch_and_add(count, 1);
    else
        bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
    return 0;
}
`;

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

onEachTarget('stacks', open => {
  let cells: LabFixture;

  const profile = (): StackProfile | undefined => cells.view('counts').snapshot.stacks;
  const names = (kind: string): Set<string> =>
    new Set((profile()?.frames ?? []).filter(frame => frame.kind === kind && frame.is_known).map(frame => frame.name));

  it('names the functions of the kernel and of a program, by process', async () => {
    cells = open();
    await cells.ok(burner);
    await cells.ok(profiler);
    expect(cells.view('counts')).toMatchObject({ kind: 'stacks', alternatives: ['map'] });
    await cells.until(() => names('user').has('burn_in_here') && [...names('kernel')].some(name => /read/.test(name)));
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
    expect(cells.displayOf('counts')['text/plain']).toMatch(/samples +share +stack/);
    expect(cells.displayOf('counts')['text/plain']).toContain('burn_in_here');
    // The plain map is there too.
    expect(cells.rows('counts')[0]).toMatchObject({ comm: 'burner' });
  });
});
