// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Takes the place of a function of hooks.bpf.c. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

__u64 hits;

SEC("freplace")
int replacement(struct xdp_md *context)
{
	__sync_fetch_and_add(&hits, 1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
