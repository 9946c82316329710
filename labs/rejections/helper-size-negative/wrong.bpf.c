#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

long wanted = 16;

SEC("tp/sched/sched_process_exec")
int copy(void *ctx)
{
	char name[32] = {};
	long size = wanted;

	if (size > (long)sizeof(name))
		return 0;
	bpf_probe_read_kernel(name, size, ctx);
	return name[0];
}
