// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Never attached: makes libbpf ask the kernel, once, what programs of lessons make it ask. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
	struct task_struct *real_parent;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

const volatile int wanted;
__u64 seen;
__u64 initial = 1;

SEC("tracepoint/sched/sched_process_exec")
int warm(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 key = (__u32)BPF_CORE_READ(task, real_parent, pid);

	if (wanted)
		bpf_map_update_elem(&counts, &key, &initial, BPF_ANY);
	seen++;
	bpf_printk("%d", key);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
