import { beforeAll, expect, it } from 'vitest';
import { Mime, type TestRunBundle } from '../../kernel-gateway/src/protocol/index.js';
import type { CellResult } from './lab-fixture.js';
import { inOneSession } from './on-each-target.js';

/** Drops TCP to a port, sends UDP back with a smaller TTL, puts a VLAN tag's room in front of ICMP; counts them all. */
const packets = `%%bpf packets --no-attach
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "GPL";
const volatile int blocked = 80;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} seen SEC(".maps");

SEC("xdp")
int gate(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    struct iphdr *ip = data + sizeof(*eth);
    struct tcphdr *tcp = (void *)(ip + 1);
    __u32 zero = 0;
    __u64 *count = bpf_map_lookup_elem(&seen, &zero);

    if (count)
        __sync_fetch_and_add(count, 1);
    if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(0x0800))
        return XDP_PASS;
    if (ip->protocol == 17) {
        ip->ttl = 9;
        return XDP_TX;
    }
    if (ip->protocol == 1) {
        if (bpf_xdp_adjust_head(ctx, -4))
            return XDP_ABORTED;
        return XDP_PASS;
    }
    if ((void *)(tcp + 1) > end || ip->protocol != 6)
        return XDP_PASS;
    return tcp->dest == bpf_htons(blocked) ? XDP_DROP : XDP_PASS;
}

SEC("tc")
int marks(struct __sk_buff *skb)
{
    skb->mark = skb->priority + 40;
    return skb->len > 100 ? 2 : 0;
}

struct question { __u64 number; };

SEC("syscall")
int doubles(struct question *question)
{
    question->number *= 2;
    return 42;
}
`;

/** An XDP program whose verdict is a function of its own, which others can take the place of. */
const door = `%%bpf door --no-attach
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__noinline int verdict(struct xdp_md *ctx)
{
    volatile int drop = 1;
    return ctx->data_end < ctx->data ? 0 : drop;
}

SEC("xdp")
int entrance(struct xdp_md *ctx)
{
    return verdict(ctx);
}
`;

const opened = `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";
int returned = -1, tasks;

SEC("freplace/verdict")
int always_pass(struct xdp_md *ctx)
{
    return 2;
}

SEC("?fexit/entrance")
int BPF_PROG(on_leaving, struct xdp_buff *packet, int ret)
{
    returned = ret;
    return 0;
}

SEC("?fentry/wake_up_new_task")
int BPF_PROG(on_task, struct task_struct *task)
{
    tasks++;
    return 0;
}
`;

inOneSession('%%testrun', (cells, target) => {
  beforeAll(async () => {
    await cells().ok(packets);
  });

  const bundle = (result: CellResult): TestRunBundle => {
    const [output] = result.outputs.flatMap(one =>
      one.kind === 'display' && Mime.testrun in one.data ? [one.data] : []
    );
    return output?.[Mime.testrun] as TestRunBundle;
  };

  it('shows the verdict on each packet, and what was changed', async () => {
    const result = await cells().ok(
      '%%testrun gate\n--- web\ntcp dport=80\nexpect drop\n--- other\ntcp dport=81\nexpect XDP_PASS\n--- dns\nudp\nexpect tx\n--- ping\nicmp\n'
    );
    const { cases, program_type } = bundle(result);
    expect(program_type).toBe('xdp');
    expect(cases.map(one => one.verdict)).toEqual(['XDP_DROP', 'XDP_PASS', 'XDP_TX', 'XDP_PASS']);
    expect(cases[0]).toMatchObject({ is_unchanged: true, changes: [], as_expected: true });
    expect(cases[2]?.changes).toEqual([{ name: 'ipv4.ttl', before: '64', after: '9' }]);
    expect(cases[2]?.output?.changed).toEqual([[22, 23]]);
    const checksum = cases[2]?.output?.layers[1]?.fields.find(field => field.name === 'checksum');
    expect(checksum?.problem).toBe('does not fit');
    const [before, after] = [cases[3]?.input, cases[3]?.output].map(dump => (dump?.hex.length ?? 0) / 2);
    expect(after).toBe((before ?? 0) + 4);
  });

  it('fails the cell when another verdict comes than was expected', async () => {
    const result = await cells().run('%%testrun gate\n--- web\ntcp dport=80\nexpect XDP_PASS\n');
    expect(result.outcome).toMatchObject({
      code: 'BPFLAB_TESTRUN_EXPECTED',
      message: 'The verdict on "web" is XDP_DROP, not XDP_PASS.'
    });
    expect(bundle(result).cases[0]?.as_expected).toBe(false);
  });

  it('repeats, and the program runs just as often as was asked', async () => {
    await cells().ok('%%bpf counted --no-attach\n' + packets.split('\n').slice(1).join('\n'));
    const result = await cells().ok('%%testrun gate --repeat 1000\nudp dport=53');
    const [first] = bundle(result).cases;
    expect(BigInt(first?.duration_ns ?? 0)).toBeGreaterThan(0n);
    expect(first?.changes).toEqual([{ name: 'ipv4.ttl', before: '64', after: '9' }]);
    expect((await cells().ok('%maps seen')).stdout).toMatch(/\b1000\b/);
    await cells().ok('%stop counted');
  });

  it('takes contexts of packets and of calls', async () => {
    const marked = await cells().ok('%%testrun marks\nipv4\nudp\npayload size=200\ncontext priority=2 mark=1');
    expect(bundle(marked).cases[0]).toMatchObject({
      verdict: 'TC_ACT_SHOT',
      context: [{ name: 'mark', before: '1', after: '42' }]
    });
    const called = await cells().ok('%%testrun doubles\ncontext number=21');
    expect(bundle(called).cases[0]).toMatchObject({
      verdict: '42',
      context: [{ name: 'number', before: '21', after: '42' }]
    });
  });

  it('gives its text to front ends that draw nothing', async () => {
    const { outputs } = await cells().ok('%%testrun gate\nudp');
    const text = outputs.map(output => (output.kind === 'display' ? output.data['text/plain'] : '')).join('');
    expect(text).toContain('packet 1: XDP_TX (3)');
    expect(text).toContain('ipv4.ttl: 64 → 9');
    expect(text).toMatch(/\[09\]/);
  });

  it('says what is wrong with a packet, a program, a context', async () => {
    const refused = async (text: string): Promise<unknown> => (await cells().run(text)).outcome;
    expect(await refused('%%testrun gate\ntcp dprt=1')).toMatchObject({ code: 'BPFLAB_PACKET_INVALID' });
    expect(await refused('%%testrun gat\ntcp')).toMatchObject({
      message: expect.stringContaining('is it "gate"') as string
    });
    expect(await refused('%%testrun\ntcp')).toMatchObject({ message: expect.stringContaining('Name one') as string });
    expect(await refused('%%testrun gate\nhex 00 01')).toMatchObject({
      code: 'BPFLAB_TESTRUN_REFUSED',
      message: expect.stringContaining('it has 2 bytes') as string
    });
    expect(await refused('%%testrun gate\ntcp\ncontext nothing=1')).toMatchObject({ code: 'BPFLAB_VALUE_INVALID' });
  });

  it.runIf(target === 'vm')(
    'puts a program in the place of a function of a loaded one, and takes it back',
    async () => {
      const verdictOf = async (): Promise<string | undefined> =>
        bundle(await cells().ok('%%testrun entrance')).cases[0]?.verdict;
      await cells().ok(door);
      expect(await verdictOf()).toBe('XDP_DROP');
      await cells().ok(`%%bpf opened --attach-target door.entrance --only always_pass${opened}`);
      expect(await verdictOf()).toBe('XDP_PASS');
      expect((await cells().ok('%links')).stdout).toMatch(/always_pass\s.*verdict of entrance/);
      await cells().ok('%stop opened');
      expect(await verdictOf()).toBe('XDP_DROP');
    }
  );

  it.runIf(target === 'vm')('traces a loaded program beside a function of the kernel', async () => {
    const only = '--only on_leaving --only on_task';
    await cells().ok(`%%bpf leaving --attach-target entrance ${only}${opened}`);
    await cells().ok('%%testrun entrance');
    expect(cells().rows('globals')).toContainEqual({ name: 'returned', value: '1' });
    expect((await cells().ok('%links')).stdout).toMatch(/on_task\s.*wake_up_new_task/);
    await cells().ok('%stop leaving door');
    expect((await cells().ok('%%sh\nbpftool prog list | grep -c entrance || :')).stdout.trim()).toBe('0');
  });

  it('says which loaded program a freplace program could be for', async () => {
    const refused = async (words: string): Promise<unknown> =>
      (await cells().run(`%%bpf opened ${words} --only always_pass${opened}`)).outcome;
    expect(await refused('')).toMatchObject({
      code: 'BPFLAB_ATTACH_FAILED',
      hint: expect.stringContaining('--attach-target') as string
    });
    expect(await refused('--attach-target gat')).toMatchObject({
      message: expect.stringContaining('"gate"') as string
    });
    expect(await refused('--attach-target gate')).toMatchObject({
      code: 'BPFLAB_CELL_OPTION',
      message: expect.stringContaining('has no function "verdict"') as string
    });
  });
});
