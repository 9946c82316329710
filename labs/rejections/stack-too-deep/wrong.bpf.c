#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct text {
	char bytes[320];
};

static __attribute__((noinline)) int inner(struct __sk_buff *skb)
{
	struct text text = {};

	bpf_skb_load_bytes(skb, 0, text.bytes + (skb->len & 63), 16);
	return text.bytes[skb->mark & 255];
}

SEC("tc")
int outer(struct __sk_buff *skb)
{
	struct text text = {};

	bpf_skb_load_bytes(skb, 0, text.bytes + (skb->len & 63), 16);
	return inner(skb) + text.bytes[skb->mark & 255];
}
