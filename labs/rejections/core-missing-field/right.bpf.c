#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct task_struct___old {
	long state_of_long_ago;
} __attribute__((preserve_access_index));

SEC("tp/sched/sched_process_exec")
int state(void *ctx)
{
	struct task_struct___old *task = (void *)bpf_get_current_task();

	if (!bpf_core_field_exists(task->state_of_long_ago))
		return 0;
	return BPF_CORE_READ(task, state_of_long_ago);
}
