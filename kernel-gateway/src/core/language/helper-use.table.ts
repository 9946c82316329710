import { helperTable } from '../cells/helper.table.js';

/** How a common helper or macro is used: what matters in one line, and lines of C. */
export interface HelperUse {
  summary: string;
  example: string;
}

/** Examples of two lines. */
const rows: readonly (readonly [name: string, ...example: string[]])[] = [
  ['bpf_printk', 'bpf_printk("pid %d", pid);'],
  [
    'bpf_map_lookup_elem',
    'u64 *count = bpf_map_lookup_elem(&counts, &key);',
    'if (count) __sync_fetch_and_add(count, 1);'
  ],
  ['bpf_map_update_elem', 'u64 one = 1;', 'bpf_map_update_elem(&counts, &key, &one, BPF_NOEXIST);'],
  ['bpf_map_delete_elem', 'bpf_map_delete_elem(&starts, &tid);'],
  ['bpf_map_push_elem', 'bpf_map_push_elem(&queue, &value, BPF_EXIST);'],
  ['bpf_map_pop_elem', 'if (!bpf_map_pop_elem(&queue, &value)) use(value);'],
  [
    'bpf_for_each_map_elem',
    'static long each(struct bpf_map *map, u32 *key, u64 *value, void *ctx) { return 0; }',
    'bpf_for_each_map_elem(&counts, each, &state, 0);'
  ],
  ['bpf_ringbuf_reserve', 'struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);', 'if (!e) return 0;'],
  ['bpf_ringbuf_submit', 'e->pid = bpf_get_current_pid_tgid() >> 32;', 'bpf_ringbuf_submit(e, 0);'],
  ['bpf_ringbuf_discard', 'if (e->pid == 0) { bpf_ringbuf_discard(e, 0); return 0; }'],
  ['bpf_ringbuf_output', 'bpf_ringbuf_output(&events, &e, sizeof(e), 0);'],
  [
    'bpf_perf_event_output',
    'struct event e = { .pid = pid };',
    'bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e));'
  ],
  ['bpf_get_current_pid_tgid', 'u64 id = bpf_get_current_pid_tgid();', 'u32 pid = id >> 32, tid = (u32)id;'],
  ['bpf_get_current_uid_gid', 'u32 uid = (u32)bpf_get_current_uid_gid();'],
  ['bpf_get_current_comm', 'char comm[16];', 'bpf_get_current_comm(&comm, sizeof(comm));'],
  [
    'bpf_get_current_task',
    'struct task_struct *task = (void *)bpf_get_current_task();',
    'int parent = BPF_CORE_READ(task, real_parent, tgid);'
  ],
  [
    'bpf_get_current_task_btf',
    'struct task_struct *task = bpf_get_current_task_btf();',
    'int parent = task->real_parent->tgid;'
  ],
  ['bpf_get_current_cgroup_id', 'u64 cgroup = bpf_get_current_cgroup_id();'],
  [
    'bpf_get_ns_current_pid_tgid',
    'struct bpf_pidns_info ids;',
    'if (!bpf_get_ns_current_pid_tgid(dev, ino, &ids, sizeof(ids))) use(ids.tgid);'
  ],
  ['bpf_ktime_get_ns', 'u64 start = bpf_ktime_get_ns();'],
  ['bpf_ktime_get_boot_ns', 'u64 now = bpf_ktime_get_boot_ns();'],
  ['bpf_get_smp_processor_id', 'u32 cpu = bpf_get_smp_processor_id();'],
  ['bpf_get_prandom_u32', 'if (bpf_get_prandom_u32() % 100) return 0;'],
  ['bpf_probe_read_kernel', 'struct path path;', 'bpf_probe_read_kernel(&path, sizeof(path), &file->f_path);'],
  ['bpf_probe_read_kernel_str', 'long length = bpf_probe_read_kernel_str(name, sizeof(name), source);'],
  ['bpf_probe_read_user', 'struct sockaddr_in address;', 'bpf_probe_read_user(&address, sizeof(address), pointer);'],
  ['bpf_probe_read_user_str', 'bpf_probe_read_user_str(e->path, sizeof(e->path), (void *)ctx->args[1]);'],
  ['bpf_get_stackid', 'long id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);', 'if (id < 0) return 0;'],
  ['bpf_get_stack', 'long bytes = bpf_get_stack(ctx, e->stack, sizeof(e->stack), 0);'],
  ['bpf_get_func_ip', 'u64 address = bpf_get_func_ip(ctx);'],
  ['bpf_get_func_arg', 'u64 first;', 'bpf_get_func_arg(ctx, 0, &first);'],
  ['bpf_get_func_ret', 'u64 result;', 'bpf_get_func_ret(ctx, &result);'],
  ['bpf_get_attach_cookie', 'u64 which = bpf_get_attach_cookie(ctx);'],
  ['bpf_send_signal', 'bpf_send_signal(9);'],
  ['bpf_override_return', 'bpf_override_return(ctx, -12);'],
  ['bpf_strncmp', 'if (bpf_strncmp(comm, 4, "bash") == 0) return 0;'],
  ['bpf_snprintf', 'u64 args[] = { pid };', 'bpf_snprintf(out, sizeof(out), "%d", args, sizeof(args));'],
  ['bpf_loop', 'static long step(u32 i, void *ctx) { return 0; }', 'bpf_loop(100, step, &state, 0);'],
  ['bpf_tail_call', 'bpf_tail_call(ctx, &programs, 1);'],
  ['bpf_spin_lock', 'bpf_spin_lock(&value->lock);', 'value->count++; bpf_spin_unlock(&value->lock);'],
  ['bpf_spin_unlock', 'bpf_spin_unlock(&value->lock);'],
  [
    'bpf_timer_start',
    'bpf_timer_set_callback(&value->timer, on_timer);',
    'bpf_timer_start(&value->timer, 1000000000, 0);'
  ],
  [
    'bpf_skb_load_bytes',
    'struct iphdr ip;',
    'if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip))) return TC_ACT_OK;'
  ],
  ['bpf_skb_store_bytes', 'bpf_skb_store_bytes(skb, offset, &port, sizeof(port), 0);'],
  ['bpf_xdp_adjust_head', 'bpf_xdp_adjust_head(ctx, -14);'],
  ['bpf_redirect', 'return bpf_redirect(ifindex, 0);'],
  ['bpf_redirect_map', 'return bpf_redirect_map(&ports, key, XDP_PASS);'],
  [
    'bpf_csum_diff',
    's64 sum = bpf_csum_diff(&before, 4, &after, 4, 0);',
    'bpf_l3_csum_replace(skb, offset, 0, sum, 0);'
  ],
  ['bpf_d_path', 'bpf_d_path(&file->f_path, e->path, sizeof(e->path));'],
  [
    'BPF_CORE_READ',
    'struct task_struct *task = (void *)bpf_get_current_task();',
    'u32 ns = BPF_CORE_READ(task, nsproxy, pid_ns_for_children, ns.inum);'
  ],
  ['BPF_CORE_READ_STR_INTO', 'char name[64];', 'BPF_CORE_READ_STR_INTO(&name, dentry, d_name.name);'],
  ['BPF_PROG', 'SEC("fentry/do_unlinkat")', 'int BPF_PROG(on_unlink, int dfd, struct filename *name) { return 0; }'],
  [
    'BPF_KPROBE',
    'SEC("kprobe/do_unlinkat")',
    'int BPF_KPROBE(on_unlink, int dfd, struct filename *name) { return 0; }'
  ],
  ['BPF_KRETPROBE', 'SEC("kretprobe/do_unlinkat")', 'int BPF_KRETPROBE(on_return, long result) { return 0; }']
];

const examples = new Map(rows.map(([name, ...lines]) => [name, lines.join('\n')] as const));
const uses = new Map(
  helperTable.map(({ name, summary }) => [name, { summary, example: examples.get(name) ?? '' }] as const)
);

/** How a helper or macro is used; undefined when it is none of the common ones. */
export function helperUse(name: string): HelperUse | undefined {
  return uses.get(name);
}
