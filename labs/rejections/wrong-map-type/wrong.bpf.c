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
int send(void *ctx)
{
	int pid = bpf_get_current_pid_tgid() >> 32;

	bpf_ringbuf_output(&counts, &pid, sizeof(pid), 0);
	return 0;
}
