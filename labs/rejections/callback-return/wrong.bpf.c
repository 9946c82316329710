#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

static long step(unsigned int index, unsigned long long *sum)
{
	*sum += index;
	return *sum;
}

SEC("tp/sched/sched_process_exec")
int work(void *ctx)
{
	unsigned long long sum = 0;

	bpf_loop(100, step, &sum, 0);
	return sum & 1;
}
