#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct value {
	unsigned long long last;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct value);
} values SEC(".maps");

SEC("tp/sched/sched_process_exec")
int stamp(void *ctx)
{
	unsigned int zero = 0;
	struct value *v = bpf_map_lookup_elem(&values, &zero);

	if (!v)
		return 0;
	__sync_fetch_and_add(&v->last, 1);
	return 0;
}
