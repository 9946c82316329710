// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* One program that the verifier refuses, one with a section that nobody knows. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_getpgid")
int no_check(void *context)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	*value = 1;
	return 0;
}

SEC("?nonsense/section")
int unknown(void *context)
{
	return 0;
}

SEC("?tracepoint/no_such/tracepoint")
int nowhere(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
