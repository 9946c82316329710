#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int send(void *ctx)
{
	struct bpf_dynptr record;
	int pid = bpf_get_current_pid_tgid() >> 32;

	bpf_dynptr_write(&record, 0, &pid, sizeof(pid), 0);
	return 0;
}
