#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

volatile int limit = 5;

SEC("tp/sched/sched_process_exec")
int change(void *ctx)
{
	*(volatile int *)&limit = 6;
	return 0;
}
