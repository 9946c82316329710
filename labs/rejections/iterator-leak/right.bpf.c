#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp/sched/sched_process_exec")
int count(void *ctx)
{
	struct bpf_iter_num numbers;
	int *number;

	bpf_iter_num_new(&numbers, 0, 10);
	number = bpf_iter_num_next(&numbers);
	int first = number ? *number : -1;

	bpf_iter_num_destroy(&numbers);
	return first == 0;
}
