import { expect, it } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import { requires } from '../requires.js';
import { LabFixture, openLab } from './lab-fixture.js';
import { onEachTarget } from './on-each-target.js';
import { hello } from './programs.js';

const license = 'char LICENSE[] SEC("license") = "GPL";';

onEachTarget('bad input', open => {
  /** After a fault the session works as before. */
  const goesOn = async (cells: LabFixture): Promise<void> => {
    expect((await cells.ok('%%sh\necho fine')).stdout).toBe('fine\n');
  };

  it.each([
    ['a cell of 10 MB', `%%bpf\n${'/* x */\n'.repeat(1_310_720)}`, 'BPFLAB_CELL_TOO_LARGE'],
    ['a missing header', hello.replace('"vmlinux.h"', '"nowhere.h"'), 'BPFLAB_CC_FAILED'],
    ['a file outside of the sandbox', hello.replace('"vmlinux.h"', '"/etc/shadow"'), 'BPFLAB_CC_FAILED'],
    ['an object with nothing in it', '%%bpf\nint x;', 'BPFLAB_OBJECT_NO_PROGRAM'],
    [
      'an unknown section',
      hello.replace('tp/sched/sched_process_exec', 'tp_nothing/x'),
      'BPFLAB_OBJECT_SECTION_UNKNOWN'
    ],
    [
      'a tracepoint that does not exist',
      hello.replace('sched_process_exec', 'sched_process_exce'),
      'BPFLAB_PREFLIGHT_UNSUPPORTED'
    ],
    ['no license', hello.replace(license, ''), 'BPFLAB_VERIFIER_REJECTED'],
    [
      'an interface that does not exist',
      '%%bpf x --ifname nowhere0\n#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nSEC("xdp") int p(void *c) { return 2; }',
      'BPFLAB_ATTACH_FAILED'
    ],
    [
      'an interface that is not named',
      '%%bpf x\n#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nSEC("xdp") int p(void *c) { return 2; }',
      'BPFLAB_ATTACH_FAILED'
    ],
    [
      'a map that is too large',
      `%%bpf x\n#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nstruct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1 << 30); __type(key, int); __type(value, char[4096]); } m SEC(".maps");\n${license}`,
      'BPFLAB_LOAD_MAP'
    ],
    ['an unknown option', '%%bpf --fro 3s\nint x;', 'BPFLAB_CELL_OPTION'],
    ['an unknown magic', '%%bpff\nint x;', 'BPFLAB_CELL_MAGIC_UNKNOWN'],
    ['an unknown target', '%%sh --target moon\ntrue', 'BPFLAB_TARGET_UNKNOWN']
  ])('tells %s', async (_what, text, code) => {
    const cells = open();
    const { outcome } = await cells.run(text);
    expect(outcome).toMatchObject({ kind: 'failed', code });
    await goesOn(cells);
  });

  it('survives a flood of printk', async () => {
    const cells = open();
    await cells.ok(
      hello
        .replace('tp/sched/sched_process_exec', 'tp/raw_syscalls/sys_enter')
        .replace('hello from pid', 'a flood of printk from pid')
    );
    await cells.run('%%sh\ntimeout 1 dd if=/dev/zero of=/dev/null bs=1 count=50000 2>/dev/null; true');
    await cells.ok('%stop');
    expect(Number(cells.view('printk').snapshot.total_rows)).toBeGreaterThan(1000);
    await goesOn(cells);
  });

  it('ends a script with all that it has forked', async () => {
    const cells = open();
    await cells.ok('%%sh --bg\nfor i in $(seq 30); do (trap "" INT TERM; setsid sleep 4242) & done; wait');
    await cells.ok('%stop');
    expect((await cells.run('%%sh\npgrep -fc "[s]leep 4242" || true')).stdout.trim()).toBe('0');
  });

  it('shows the head and the end of a flood of output', async () => {
    const cells = open();
    const { stdout } = await cells.ok('%%sh\nhead -c 40000000 /dev/zero | tr "\\0" y\necho\necho the end');
    expect(stdout.length).toBeLessThan(1_200_000);
    expect(stdout).toMatch(/more characters of stdout are not shown[^]*the end\n$/);
    await goesOn(cells);
  });
});

requires('vm')('a machine that dies', () => {
  it('is replaced at the next cell, which says so', async () => {
    const lab = openLab();
    const cells = new LabFixture(lab, 'vm');
    try {
      await cells.ok(hello);
      const { session } = await cells.session.connection().then(connection => connection.hello);
      const lost = cells.session.connection().then(connection => new Promise(resolve => connection.onClose(resolve)));
      process.kill(qemuOf(process.pid), 'SIGKILL');
      await lost;
      expect(session).not.toBe('');
      expect(cells.card('hello')).toMatchObject({ state: 'lost' });
      const next = await cells.ok(hello);
      expect(next.stderr).toContain('The vm target was lost');
      expect(cells.card('hello')).toMatchObject({ state: 'attached' });
    } finally {
      await cells.close();
      await lab.close();
    }
  });
});

/** Pid of a QEMU among the descendants of a process. */
function qemuOf(root: number): number {
  const parents = new Map<number, number>();
  const names = new Map<number, string>();
  for (const pid of readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      parents.set(pid, Number(/\) \S (\d+)/.exec(stat)?.[1]));
      names.set(
        pid,
        readFileSync(`/proc/${pid}/cmdline`, 'utf8')
          .split('\0')
          .find(word => /qemu-system/.test(word)) ?? ''
      );
    } catch {
      // It has ended meanwhile.
    }
  }
  const isBelow = (pid: number): boolean => pid === root || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  const found = [...names].findLast(([pid, name]) => name !== '' && isBelow(pid));
  if (found === undefined) {
    throw new Error('there is no QEMU below this process');
  }
  return found[0];
}
