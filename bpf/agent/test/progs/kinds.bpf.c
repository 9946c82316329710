// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* A program of each kind that the reference machine attaches. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

__u64 hits_xdp, hits_tc, hits_cgroup, hits_perf, hits_uprobe, hits_socket, hits_raw, hits_sockops;

#define COUNT(name) __sync_fetch_and_add(&hits_##name, 1)

SEC("xdp")
int on_xdp(struct xdp_md *context)
{
	COUNT(xdp);
	return XDP_PASS;
}

SEC("tc")
int on_tc(struct __sk_buff *packet)
{
	COUNT(tc);
	return 0;
}

SEC("cgroup_skb/egress")
int on_egress(struct __sk_buff *packet)
{
	COUNT(cgroup);
	return 1;
}

SEC("sockops")
int on_sockops(struct bpf_sock_ops *context)
{
	COUNT(sockops);
	return 1;
}

SEC("perf_event")
int on_sample(void *context)
{
	COUNT(perf);
	return 0;
}

SEC("uprobe")
int on_uprobe(void *context)
{
	COUNT(uprobe);
	return 0;
}

SEC("socket")
int on_packet(struct __sk_buff *packet)
{
	COUNT(socket);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int on_raw(void *context)
{
	COUNT(raw);
	return 0;
}

SEC("sk_lookup")
int on_lookup(struct bpf_sk_lookup *context)
{
	return SK_PASS;
}

SEC("syscall")
int on_syscall(void *context)
{
	return 42;
}

char LICENSE[] SEC("license") = "GPL";
