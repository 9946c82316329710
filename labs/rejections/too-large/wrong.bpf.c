#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp/sched/sched_process_exec")
int work(void *ctx)
{
	unsigned long long sum = 0;

	for (unsigned int i = 0; i < 10000000; i++)
		sum += bpf_get_prandom_u32() % 7;
	return sum & 1;
}
