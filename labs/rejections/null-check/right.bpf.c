#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, int);
	__type(value, unsigned long long);
} counts SEC(".maps");

SEC("tp/sched/sched_process_exec")
int count(void *ctx)
{
	int key = 0;
	unsigned long long *value = bpf_map_lookup_elem(&counts, &key);

	if (!value)
		return 0;
	*value += 1;
	return 0;
}
