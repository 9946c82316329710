/**
 * One small program of each type, to be loaded for real: what libbpf or a kernel's configuration promise is not enough
 * (a kernel may know fentry and still refuse every program of it).
 */

/** A program type to try. */
export interface ProgramTrial {
  /** Name in the report. */
  name: string;
  /** Text of the cell. */
  text: string;
  /** Whether the kernel decides only when it is attached. Only hooks where a do-nothing program is harmless. */
  attach: boolean;
}

const program = (section: string, name: string, result: number): string =>
  `SEC("${section}") int trial_${name}(void *ctx) { return ${result}; }`;

const PASS = 1;

/** Section and verdict of programs that need no more; attached where `hook` says so. */
const table: { name: string; section: string; result?: number; hook?: true }[] = [
  { name: 'kprobe', section: 'kprobe/do_unlinkat', hook: true },
  { name: 'kretprobe', section: 'kretprobe/do_unlinkat', hook: true },
  { name: 'kprobe_multi', section: 'kprobe.multi/do_unlinkat', hook: true },
  { name: 'uprobe', section: 'uprobe/libc.so.6:getsid', hook: true },
  { name: 'tracepoint', section: 'tp/sched/sched_process_exit', hook: true },
  { name: 'raw_tracepoint', section: 'raw_tp/sched_process_exit', hook: true },
  { name: 'tp_btf', section: 'tp_btf/sched_process_exit', hook: true },
  { name: 'fentry', section: 'fentry/do_unlinkat', hook: true },
  { name: 'fexit', section: 'fexit/do_unlinkat', hook: true },
  { name: 'lsm', section: 'lsm/sb_remount', hook: true },
  { name: 'iter_task', section: 'iter/task', hook: true },
  { name: 'perf_event', section: 'perf_event' },
  { name: 'socket_filter', section: 'socket' },
  { name: 'xdp', section: 'xdp', result: 2 },
  { name: 'tc', section: 'tc' },
  { name: 'tcx', section: 'tcx/ingress' },
  { name: 'cgroup_skb', section: 'cgroup_skb/egress', result: PASS },
  { name: 'cgroup_sock_addr', section: 'cgroup/connect4', result: PASS },
  { name: 'cgroup_device', section: 'cgroup/dev', result: PASS },
  { name: 'cgroup_sysctl', section: 'cgroup/sysctl', result: PASS },
  { name: 'cgroup_sockopt', section: 'cgroup/getsockopt', result: PASS },
  { name: 'sockops', section: 'sockops', result: PASS },
  { name: 'sk_msg', section: 'sk_msg', result: PASS },
  { name: 'sk_skb', section: 'sk_skb/stream_verdict', result: PASS },
  { name: 'sk_lookup', section: 'sk_lookup', result: PASS },
  { name: 'sk_reuseport', section: 'sk_reuseport', result: PASS },
  { name: 'flow_dissector', section: 'flow_dissector' },
  { name: 'lwt_xmit', section: 'lwt_xmit' },
  { name: 'netfilter', section: 'netfilter', result: PASS },
  { name: 'syscall', section: 'syscall' }
];

const head = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
char LICENSE[] SEC("license") = "GPL";
`;

const structOps = `SEC("struct_ops") __u32 BPF_PROG(ops_ssthresh, struct sock *sk) { return 2; }
SEC("struct_ops") __u32 BPF_PROG(ops_undo_cwnd, struct sock *sk) { return 2; }
SEC("struct_ops") void BPF_PROG(ops_cong_avoid, struct sock *sk, __u32 ack, __u32 acked) {}
SEC(".struct_ops") struct tcp_congestion_ops bpflab_ops = { .ssthresh = (void *)ops_ssthresh,
  .undo_cwnd = (void *)ops_undo_cwnd, .cong_avoid = (void *)ops_cong_avoid, .name = "bpflab_trial" };`;

/** All trials, tracing first. */
export const programTrials: ProgramTrial[] = [
  ...table.map(({ name, section, result = 0, hook = false }) => ({
    name,
    text: `${head}${program(section, name, result)}\n`,
    attach: hook
  })),
  { name: 'struct_ops', text: `${head}${structOps}\n`, attach: false }
];
