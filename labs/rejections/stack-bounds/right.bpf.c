#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp/sched/sched_process_exec")
int fill(void *ctx)
{
	volatile char buffer[16];
	unsigned int at = bpf_get_prandom_u32() & 15;

	buffer[at] = 1;
	return buffer[0];
}
