// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The smallest congestion control, twice: ended by its link, and registered until it is deleted. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *socket);
	void (*cong_avoid)(struct sock *socket, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *socket);
	char name[16];
};

__u64 hits;

SEC("struct_ops")
__u32 BPF_PROG(lab_ssthresh, struct sock *socket)
{
	return 2;
}

SEC("struct_ops")
void BPF_PROG(lab_cong_avoid, struct sock *socket, __u32 ack, __u32 acked)
{
	__sync_fetch_and_add(&hits, 1);
}

SEC("struct_ops")
__u32 BPF_PROG(lab_undo_cwnd, struct sock *socket)
{
	return 10;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops linked = {
	.ssthresh = (void *)lab_ssthresh,
	.cong_avoid = (void *)lab_cong_avoid,
	.undo_cwnd = (void *)lab_undo_cwnd,
	.name = "bpflab_link",
};

SEC(".struct_ops")
struct tcp_congestion_ops registered = {
	.ssthresh = (void *)lab_ssthresh,
	.cong_avoid = (void *)lab_cong_avoid,
	.undo_cwnd = (void *)lab_undo_cwnd,
	.name = "bpflab_plain",
};

char LICENSE[] SEC("license") = "GPL";
