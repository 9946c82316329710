// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Connections to one port are put into a sockmap, whose programs see their data. */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

const volatile __u32 wanted_port;
__u64 hits_parser, hits_verdict, hits_message;

SEC("sockops")
int on_established(struct bpf_sock_ops *context)
{
	__u32 listening = 0, connecting = 1;

	if (context->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB &&
	    context->local_port == wanted_port)
		bpf_sock_map_update(context, &sockets, &listening, BPF_ANY);
	if (context->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB &&
	    bpf_ntohl(context->remote_port) == wanted_port)
		bpf_sock_map_update(context, &sockets, &connecting, BPF_ANY);
	return 1;
}

SEC("sk_skb/stream_parser")
int on_parse(struct __sk_buff *packet)
{
	__sync_fetch_and_add(&hits_parser, 1);
	return (int)packet->len;
}

SEC("sk_skb/stream_verdict")
int on_verdict(struct __sk_buff *packet)
{
	__sync_fetch_and_add(&hits_verdict, 1);
	return SK_PASS;
}

SEC("sk_msg")
int on_message(struct sk_msg_md *context)
{
	__sync_fetch_and_add(&hits_message, 1);
	return SK_PASS;
}

char LICENSE[] SEC("license") = "GPL";
