#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct pair { int a; int b; };

__attribute__((noinline)) int sum(struct pair *p)
{
	if (!p)
		return 0;
	return p->a + p->b;
}

SEC("tp/sched/sched_process_exec")
int add(void *ctx)
{
	struct pair p = { 1, 2 };

	return sum(&p);
}
