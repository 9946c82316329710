#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, int);
	__type(value, int);
} counts SEC(".maps");

SEC("tp/sched/sched_process_exec")
int lookup(void *ctx)
{
	int pid = bpf_get_current_pid_tgid() >> 32;

	return bpf_map_lookup_elem(&counts, &pid) != 0;
}
