import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { LabFixture, openLab } from './lab-fixture.js';
import { leftovers, outsideInventory } from './outside-inventory.js';
import { execs, hello } from './programs.js';

/** Resident memory of a process in KiB. */
function rssKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0');
}

/**
 * Runs and stops programs of several kinds in one session on the host target, and compares what is there afterwards with
 * what was there before: by programs that share no code with the agent.
 */
export async function runCycles(count: number): Promise<void> {
  const before = outsideInventory();
  const lab = openLab();
  const cells = new LabFixture(lab, 'host');
  const kinds = [
    hello,
    execs,
    packets.replace('%%bpf packets', '%%bpf packets --ifname lo'),
    '%%sh --bg\nsleep 1000 & sleep 1000'
  ];
  try {
    await cells.ok(hello, 'warm');
    await cells.ok('%stop');
    const { worker_pid: worker } = (await cells.session.connection()).hello;
    const during = outsideInventory();
    let early = 0;
    for (let cycle = 0; cycle < count; cycle++) {
      await cells.ok(kinds[cycle % kinds.length] ?? hello, 'cell');
      if (cycle % 5 === 0) {
        await cells.ok('%%sh\n/bin/true');
      }
      await cells.ok('%stop');
      early = cycle === Math.floor(count / 4) ? rssKib(worker) : early;
    }
    expect(leftovers(during, outsideInventory())).toEqual([]);
    // Flat: no more than allocator noise over three quarters of the cycles.
    expect(rssKib(worker) - early).toBeLessThan(2048);
  } finally {
    await cells.close();
    await lab.close();
  }
  expect(leftovers(before, outsideInventory())).toEqual([]);
}

const packets = `%%bpf packets
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
unsigned long long count = 0;
SEC("xdp") int on_xdp(struct xdp_md *ctx) { __sync_fetch_and_add(&count, 1); return XDP_PASS; }
SEC("tc") int on_tc(struct __sk_buff *skb) { __sync_fetch_and_add(&count, 1); return 0; }
SEC("cgroup_skb/egress") int on_cgroup(struct __sk_buff *skb) { __sync_fetch_and_add(&count, 1); return 1; }
SEC("perf_event") int on_sample(void *ctx) { __sync_fetch_and_add(&count, 1); return 0; }
`;
