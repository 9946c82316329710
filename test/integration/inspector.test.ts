import { expect, it } from 'vitest';
import type {
  InspectAnswers,
  InspectInventory,
  InspectProgram,
  InspectRequest
} from '../../kernel-gateway/src/protocol/index.js';
import { inOneSession } from './on-each-target.js';

/** Loads, stores, atomics, calls, subprograms, 32-bit code, a map, globals: what the disassembler has to know. */
const program = `%%bpf looked
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct seen {
    __u64 count;
    __u32 last;
    char comm[16];
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, __u32);
    __type(value, struct seen);
} seen_by_process SEC(".maps");

__u64 total;
short small;

static __attribute__((noinline)) int weigh(__u64 value)
{
    return value % 7 + (value >> 3) * 2;
}

SEC("tp_btf/sched_process_exec")
int a_rather_long_program_name(void *ctx)
{
    __u32 pid = bpf_get_current_pid_tgid() >> 32;
    struct seen *seen = bpf_map_lookup_elem(&seen_by_process, &pid);

    __sync_fetch_and_add(&total, 1);
    small -= 3;
    if (seen) {
        __sync_fetch_and_add(&seen->count, 1);
        seen->last = weigh(bpf_ktime_get_ns());
    } else {
        struct seen first = { .count = 1 };

        bpf_get_current_comm(first.comm, sizeof(first.comm));
        bpf_map_update_elem(&seen_by_process, &pid, &first, BPF_ANY);
    }
    return 0;
}
`;

let requests = 0;

inOneSession('the inspector', (cells, target) => {
  type Ask = InspectRequest extends infer R ? (R extends { type: string } ? Omit<R, 'request'> : never) : never;
  const ask = async <T extends Ask>(question: T): Promise<InspectAnswers[T['type']]> =>
    (await cells().session.examine({
      ...question,
      request: ++requests
    })) as InspectAnswers[T['type']];
  const inventory = (): Promise<InspectInventory> => ask({ type: 'inventory' });
  const own = async (): Promise<InspectProgram> => {
    const found = (await inventory()).programs.find(one => one.owner.is_own);
    if (!found) throw new Error('the session has no program');
    return found;
  };

  it('starts no target, and says that there is none', async () => {
    expect(await inventory()).toMatchObject({ target, target_state: 'none', programs: [], maps: [], links: [] });
    await expect(ask({ type: 'code', program: 1 })).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
  });

  it('shows programs, maps, links and types with their owner, whole names and statistics', async () => {
    await cells().ok(program);
    await cells().ok('%%sh\nfor i in 1 2 3; do /bin/true; done');
    const all = await inventory();
    const loaded = await own();
    expect(loaded).toMatchObject({ name: 'a_rather_long_program_name', type: 'tracing', owner: { run: 'looked' } });
    expect(Number(loaded.run_count)).toBeGreaterThanOrEqual(3);
    expect(BigInt(loaded.run_time_ns)).toBeGreaterThan(0n);
    expect(loaded.xlated_bytes).toBeGreaterThan(0);
    expect(loaded.attached_to).toHaveLength(1);
    const maps = all.maps.filter(map => map.owner.is_own);
    expect(maps.map(map => map.name)).toContain('seen_by_process');
    expect(maps.filter(map => loaded.map_ids.includes(map.id))).toHaveLength(loaded.map_ids.length);
    expect(all.links.find(link => link.program_id === loaded.id)?.owner.is_own).toBe(true);
    const types = all.btf.find(btf => btf.id === loaded.btf_id);
    expect(types?.used_by).toContain('a_rather_long_program_name');
    expect((await ask({ type: 'btf', btf: loaded.btf_id })).text).toContain('struct seen {');
  });

  it('prints translated instructions as bpftool does, with their C lines', async () => {
    const { id } = await own();
    const code = await ask({ type: 'code', program: id });
    const mine = code.lines.flatMap(line => line.xlated.map(insn => `${insn.at}: ${insn.text}`));
    const { stdout } = await cells().ok(`%%sh\nbpftool prog dump xlated id ${id}`);
    const theirs = stdout.split('\n').flatMap(line => {
      const match = /^ *(\d+): (\(.*)$/.exec(line);
      return match ? [`${match[1]}: ${match[2]}`] : [];
    });
    expect(theirs.length).toBeGreaterThan(20);
    expect(mine).toEqual(theirs);
    const called = code.lines.find(line => line.text.includes('weigh(bpf_ktime_get_ns())'));
    expect(called?.xlated.length).toBeGreaterThan(0);
    expect(code.lines.map(line => line.function).filter(name => name !== '')).toEqual([
      'a_rather_long_program_name',
      'weigh'
    ]);
  });

  it('puts native instructions beside the same lines', async () => {
    const code = await ask({ type: 'code', program: (await own()).id });
    expect(code.jited_count).toBeGreaterThan(20);
    const jited = code.lines.flatMap(line => line.jited);
    expect(jited).toHaveLength(code.jited_count);
    expect(jited.at(-1)?.text).toMatch(/ret|int3|jmp/);
    const back = code.lines.filter(line => line.text === 'return 0;').flatMap(line => line.jited);
    expect(back.length).toBeGreaterThan(0);
    expect(new Set(code.lines.map(line => line.jited.length > 0))).toContain(true);
  });

  it('opens the contents of any map', async () => {
    const map = (await inventory()).maps.find(one => one.name === 'seen_by_process');
    const { bundle } = await ask({ type: 'dump', map: map?.id ?? 0 });
    expect(bundle.columns.map(column => column.name)).toEqual(['key', 'count', 'last', 'comm']);
    expect(bundle.snapshot.rows.length).toBeGreaterThan(0);
    const window = { type: 'window' as const, first: 0, count: 10, follow: false, filters: [], paused: false };
    const view = cells().session.openView(bundle.view, window, () => undefined);
    expect(view).not.toBeNull();
    view?.close();
    await ask({ type: 'close', map: map?.id ?? 0 });
    expect(cells().session.openView(bundle.view, window, () => undefined)).toBeNull();
  });

  it('unpins, and detaches what is the session’s own', async () => {
    const { id } = await own();
    await cells().ok(`%%sh\nbpftool prog pin id ${id} /sys/fs/bpf/looked-${process.pid}`);
    const [path = ''] = (await own()).pinned;
    expect(path).toMatch(/looked-\d+$/);
    await ask({ type: 'unpin', path });
    expect((await own()).pinned).toEqual([]);
    await expect(ask({ type: 'unpin', path: '/etc/hostname' })).rejects.toMatchObject({
      code: 'BPFLAB_DETACH_REFUSED'
    });
    const link = (await inventory()).links.find(one => one.program_id === id);
    await ask({ type: 'detach', link: link?.id ?? 0 });
    expect((await inventory()).links.some(one => one.id === link?.id)).toBe(false);
    await expect(ask({ type: 'detach', link: 999_999_999 })).rejects.toMatchObject({ code: 'BPFLAB_DETACH_REFUSED' });
  });

  it('says that the target is gone', async () => {
    await cells().ok('%reset');
    expect(await inventory()).toMatchObject({ programs: [], maps: [] });
  });
});
