#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

SEC("cgroup_skb/egress")
int decide(struct __sk_buff *skb)
{
	return skb->len < 1500;
}
