#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *packet) __ksym;

SEC("tc")
int look(struct __sk_buff *ctx)
{
	struct bpf_dynptr packet;

	return bpf_dynptr_from_skb(ctx, 0, &packet);
}
