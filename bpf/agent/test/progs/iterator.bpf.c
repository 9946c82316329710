// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Prints every task; BTF of the kernel is needed. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
	int tgid;
	char comm[16];
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

SEC("iter/task")
int print_task(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	static const char format[] = "%d %s\n";
	__u64 data[2];

	if (!task)
		return 0;
	data[0] = task->pid;
	data[1] = (__u64)(long)task->comm;
	bpf_seq_printf(context->meta->seq, format, sizeof(format), data, sizeof(data));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
