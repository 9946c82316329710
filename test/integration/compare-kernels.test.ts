import { afterAll, beforeAll, expect, it } from 'vitest';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { LabFixture, type CellResult } from './lab-fixture.js';

const LICENSE = 'char LICENSE[] SEC("license") = "GPL";';
const named = `%%bpf named --kernel all --events 1
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "names.h"
struct event { char comm[LEN]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } rb SEC(".maps");
SEC("tp/sched/sched_switch")
int on_switch(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);

	if (!e)
		return 0;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_ringbuf_submit(e, 0);
	return 0;
}
${LICENSE}`;

requires('vm')('a cell on every kernel that is installed', () => {
  const releases = readInstalled().kernels.map(kernel => kernel.release);
  let lab: Lab;
  let cells: LabFixture;
  const tableOf = ({ outputs }: CellResult): string[][] => {
    const last = outputs.findLast(output => output.kind === 'display');
    const text = last?.kind === 'display' ? String(last.data['text/plain']) : '';
    return text.split('\n').map(line => line.split(/ {2,}/));
  };

  beforeAll(async () => {
    lab = createLab();
    cells = new LabFixture(lab, 'vm');
    await cells.ok('%%file names.h\n#define LEN 16');
  });
  afterAll(async () => {
    await cells.close();
    await lab.close();
  });

  it('has a row for each, with what the verifier did and what came out', { timeout: 120_000 }, async () => {
    const [header, ...rows] = tableOf(await cells.ok(named));
    expect(header).toEqual(['KERNEL', 'VERDICT', 'VERIFIED INSNS', 'LOAD MS', 'EVENTS', 'OUTPUT']);
    expect(rows.map(([kernel]) => kernel).sort()).toEqual([...releases].sort());
    for (const [, verdict, insns, , events, output] of rows) {
      expect(verdict).toBe('attached');
      expect(Number(insns)).toBeGreaterThan(10);
      expect(Number(events)).toBeGreaterThan(0);
      expect(output).not.toBe('');
    }
    expect(cells.session.runs(), 'runs of the session itself').toEqual([]);
  });

  it('fails where none runs it, and says of each why', { timeout: 120_000 }, async () => {
    const result = await cells.run(
      `%%bpf never --kernel ${releases[0]}\nSEC("tp/sched/never_was") int f(void *ctx) { return 0; }\n${LICENSE}`
    );
    expect(result.outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('never_was') as unknown });
    expect(tableOf(result)[1]?.[0]).toBe(releases[0]);
    expect(tableOf(result)[1]?.join(' ')).toContain('never_was');
    const unknown = await cells.run('%%bpf --kernel 2.6\nint x;');
    expect(unknown.outcome).toMatchObject({
      code: 'BPFLAB_CELL_OPTION',
      message: expect.stringContaining('"2.6"') as unknown
    });
  });

  it('takes the skeletons of the session, and ends with an interrupt', { timeout: 120_000 }, async () => {
    await cells.ok(
      `%%bpf quiet --no-attach\nint seen = 7;\nSEC("tp/sched/sched_switch") int f(void *ctx) { return 0; }\n${LICENSE}`
    );
    const user = `%%user shown --wait --kernel ${releases[0]}
#include <stdio.h>
#include "quiet.skel.h"
int main(void)
{
	struct quiet_bpf *skel = quiet_bpf__open_and_load();

	printf("seen is %d\\n", skel ? skel->data->seen : -1);
	return 0;
}`;
    expect(tableOf(await cells.ok(user))[1]?.at(-1)).toBe('seen is 7');
    const endless = cells.run(named.replace('--events 1', '--for 10m'));
    cells.session.interrupt();
    expect((await endless).outcome).toEqual({ kind: 'interrupted' });
  });
});
