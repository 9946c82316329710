#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct counter {
	char kind;
	unsigned long long total;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct counter);
} counters SEC(".maps");

SEC("tp/sched/sched_process_exec")
int count(void *ctx)
{
	unsigned int zero = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &zero);

	if (counter)
		__sync_fetch_and_add(&counter->total, 1);
	return 0;
}
