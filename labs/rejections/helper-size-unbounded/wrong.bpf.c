#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp/sched/sched_process_exec")
int copy(struct trace_event_raw_sched_process_exec *ctx)
{
	char name[32] = {};
	unsigned int size = ctx->old_pid;

	bpf_probe_read_kernel(name, size, ctx);
	return name[0];
}
