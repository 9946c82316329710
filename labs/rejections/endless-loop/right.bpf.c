#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp/sched/sched_process_exec")
int spin(void *ctx)
{
	volatile int i = 0;

	for (int turn = 0; turn < 10; turn++)
		i = turn;
	return i;
}
