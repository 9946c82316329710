#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct name { char text[8]; };
SEC("tp/sched/sched_process_exec")
int copy(void *ctx)
{
	struct name n = {};

	bpf_get_current_comm(&n, sizeof(n));
	return n.text[0];
}
