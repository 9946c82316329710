// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* An event for each exec, a count per name in a hash, a limit in a global. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct event {
	__u64 number;
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
	__type(value, struct event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, char[16]);
	__type(value, __u64);
} counts SEC(".maps");

const volatile __u32 skip;
__u64 total;

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *context)
{
	struct event *event;
	__u64 one = 1, *count;
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	count = bpf_map_lookup_elem(&counts, comm);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&counts, comm, &one, BPF_ANY);
	if (skip)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	event->number = __sync_fetch_and_add(&total, 1);
	event->pid = bpf_get_current_pid_tgid() >> 32;
	__builtin_memcpy(event->comm, comm, sizeof(comm));
	bpf_ringbuf_submit(event, 0);
	bpf_printk("~test~ exec of %s", comm);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
