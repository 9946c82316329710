import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { onEachTarget } from './on-each-target.js';

const program = (section: string, body = 'return 0;'): string => `%%bpf probe
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
extern struct task_struct *bpf_task_from_pidd(s32 pid) __ksym;
SEC("${section}") int on_it(void *ctx) { ${body} }
char LICENSE[] SEC("license") = "GPL";
`;

const counter = `%%bpf counter
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
__u64 calls;
__u32 factor;
struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 8); __type(value, __u32); } line SEC(".maps");
SEC("tp/syscalls/sys_enter_getpgid")
int on_getpgid(void *ctx) { __sync_fetch_and_add(&calls, factor > 1000 ? 0 : 1); return 0; }
char LICENSE[] SEC("license") = "GPL";
`;

const veth = 'ip link add lab-own0 type veth peer name lab-own1 && ip link set lab-own0 up && ip link set lab-own1 up';
const interfaces = (): string => readdirSync('/sys/class/net').join(' ');

onEachTarget('facts of the kernel', (open, target) => {
  it('is said before load, with the name that is near', async () => {
    const cells = open();
    const refusals: [string, string][] = [
      [program('fentry/vfs_opne'), 'it has no function "vfs_opne"; is it "vfs_open"'],
      [program('tp_btf/sched_proces_exec'), 'it has no tracepoint "sched_proces_exec"; is it "sched_process_exec"'],
      [program('tp/sched/sched_proces_exec'), 'is it "sched_process_exec"'],
      [program('raw_tp/sys_entre'), 'it has no tracepoint "sys_entre"; is it "sys_enter"'],
      [
        program('tp_btf/sched_switch', 'return bpf_task_from_pidd(1) != 0;'),
        'the call of "bpf_task_from_pidd" — it has no function that programs may call "bpf_task_from_pidd"; is it "bpf_task_from_pid"'
      ],
      ...(target === 'vm'
        ? ([
            [program('kprobe/vfs_opne'), 'it has no function "vfs_opne"; is it "vfs_open"'],
            [program('ksyscall/opneat'), 'it has no system call "opneat"; is it "openat"'],
            [program('lsm/file_opne'), 'it has no LSM hook "file_opne"; is it "file_open"']
          ] satisfies [string, string][])
        : ([[program('kprobe/vfs_open'), 'it was built without CONFIG_KPROBES']] satisfies [string, string][]))
    ];
    for (const [text, words] of refusals) {
      const { outcome } = await cells.run(text);
      expect(outcome).toMatchObject({ code: 'BPFLAB_PREFLIGHT_UNSUPPORTED' });
      expect(JSON.stringify(outcome).replaceAll('\\"', '"')).toContain(words);
    }
    await cells.ok(program('raw_tp/sys_enter'));
  });

  it('keeps counting while a variable beside the count is set', async () => {
    const cells = open();
    await cells.ok(counter);
    // Calls without a pause: a count that is written back is an old one.
    const loop = `import os
n = 0
while not os.path.exists("enough"):
  for _ in range(1000): os.getpgid(0)
  n += 1000
print(n)`;
    await cells.ok(`%%sh --bg\npython3 -c '${loop}'`);
    const counted = (): number => Number(cells.rows('globals').find(row => row['name'] === 'calls')?.['value']);
    await cells.until(() => counted() >= 1000);
    for (let value = 1; value <= 20; value++) {
      expect((await cells.ok(`%set factor=${value}`)).stdout).toMatch(/factor: \d+ → \d+/);
    }
    await cells.ok('%%sh\ntouch enough');
    const made = (): number => Number(cells.hasView('output') ? cells.rows('output')[0]?.['line'] : 0);
    await cells.until(() => made() > 0);
    await cells.until(() => counted() >= made());
  });

  it('tells why a map cannot be listed', async () => {
    const cells = open();
    await cells.ok(counter);
    await cells.until(() => cells.view('line').notes.some(note => note.includes('it has no keys')));
  });

  it('gives a session a network of its own on request', async () => {
    const cells = open();
    await cells.ok('%%sh\ntrue');
    await cells.ok(`%target ${target} --network own`);
    await cells.ok(`%%sh\n${veth}`);
    expect((await cells.ok('%%sh\nip -o link | wc -l')).stdout).toContain('3');
    expect(interfaces()).not.toContain('lab-own');
    await cells.ok(program('xdp', 'return XDP_PASS;').replace('%%bpf probe', '%%bpf probe --ifname lab-own0'));
    expect((await cells.ok('%links')).stdout).toMatch(/on_it\s+xdp\s+lab-own0/);
    await cells.ok(`%target ${target} --network target`);
    expect((await cells.ok('%%sh\nip -o link')).stdout).not.toContain('lab-own');
    expect(interfaces()).not.toContain('lab-own');
    const wrong = await cells.run(`%target ${target} --network none`);
    expect(wrong.outcome).toMatchObject({ code: 'BPFLAB_CELL_OPTION' });
  });
});
