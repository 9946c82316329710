#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *packet) __ksym;

SEC("xdp")
int look(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;

	return bpf_dynptr_from_skb((void *)ctx, 0, &packet);
}
