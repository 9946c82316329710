#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int send(void *ctx)
{
	int pid = bpf_get_current_pid_tgid() >> 32;

	bpf_perf_event_output(ctx + 8, &events, BPF_F_CURRENT_CPU, &pid, sizeof(pid));
	return 0;
}
