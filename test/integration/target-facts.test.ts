import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { LabFixture, openLab } from './lab-fixture.js';

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
__u32 factor = 1;
struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 8); __type(value, __u32); } line SEC(".maps");
SEC("tp/syscalls/sys_enter_getpgid")
int on_getpgid(void *ctx) { __sync_fetch_and_add(&calls, factor ? 1 : 0); return 0; }
char LICENSE[] SEC("license") = "GPL";
`;

const veth = 'ip link add lab-own0 type veth peer name lab-own1 && ip link set lab-own0 up && ip link set lab-own1 up';
const interfaces = (): string => execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' });

const targets = [
  ['host', requires('vm', 'bpf')],
  ['vm', requires('vm')]
] as const;

for (const [target, describeTarget] of targets) {
  describeTarget(`what the kernel of ${target} has`, () => {
    let lab: Lab;
    let cells: LabFixture;

    beforeAll(() => {
      lab = openLab();
    });
    afterAll(() => lab.close());
    const open = (): LabFixture => (cells = new LabFixture(lab, target));
    afterEach(() => cells.close());

    it('is said before load, with the name that is near', async () => {
      open();
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
      open();
      await cells.ok(counter);
      const rounds = 20_000;
      await cells.ok(
        `%%sh --bg\npython3 -c "import os\nfor _ in range(${rounds}): os.getpgid(0)"; echo counted; sleep 100`
      );
      for (let value = 1; !cells.rows('output').some(row => row['line'] === 'counted'); value++) {
        expect((await cells.ok(`%set factor=${value}`)).stdout).toMatch(/factor: \d+ → \d+/);
      }
      await cells.until(() =>
        cells.rows('globals').some(row => row['name'] === 'calls' && Number(row['value']) >= rounds)
      );
    });

    it('tells why a map cannot be listed', async () => {
      open();
      await cells.ok(counter);
      await cells.until(() => cells.view('line').notes.some(note => note.includes('it has no keys')));
    });

    it('gives a session a network of its own on request', async () => {
      open();
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
}
