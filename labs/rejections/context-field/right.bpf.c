#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

SEC("socket")
int version(struct __sk_buff *skb)
{
	unsigned char first = 0;

	bpf_skb_load_bytes(skb, 0, &first, sizeof(first));
	return first >> 4 == 4;
}
