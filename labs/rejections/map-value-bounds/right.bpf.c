#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, unsigned long long[4]);
} slots SEC(".maps");

SEC("tp/sched/sched_process_exec")
int count(void *ctx)
{
	unsigned int zero = 0;
	unsigned long long *slot = bpf_map_lookup_elem(&slots, &zero);

	if (!slot)
		return 0;
	slot[bpf_get_prandom_u32() & 3]++;
	return 0;
}
