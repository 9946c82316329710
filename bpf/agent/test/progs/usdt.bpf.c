// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Static probes: one whose section says all, one that options place. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

__u64 hits, cookie, argument;

SEC("?usdt/usdt_victim:lab:step")
int by_section(struct pt_regs *context)
{
	__sync_fetch_and_add(&hits, 1);
	return 0;
}

SEC("?usdt")
int by_options(struct pt_regs *context)
{
	__sync_fetch_and_add(&hits, 1);
	cookie = bpf_usdt_cookie(context);
	bpf_usdt_arg(context, 0, (long *)&argument);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
