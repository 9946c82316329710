#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

static long add(unsigned int index, unsigned long long *sum)
{
	*sum += bpf_get_prandom_u32() % 7;
	return 0;
}

SEC("tp/sched/sched_process_exec")
int work(void *ctx)
{
	unsigned long long sum = 0;

	bpf_loop(10000000, add, &sum, 0);
	return sum & 1;
}
