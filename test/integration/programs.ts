/** BPF cells that several tests run. */

const head = `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
char LICENSE[] SEC("license") = "GPL";
`;

/** Prints a line for each program that is started. */
export const hello = `%%bpf hello
${head}
SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	bpf_printk("hello from pid %d", (int)(bpf_get_current_pid_tgid() >> 32));
	return 0;
}
`;

/** A typed record for each program that is started, a counter, and a filter. */
export const execs = `%%bpf execs
${head}
enum kind { FIRST = 1, LATER = 2 };
struct event { int pid; enum kind kind; unsigned long long big; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } rb SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 128); __type(key, char[16]); __type(value, long); } counts SEC(".maps");
const volatile int factor = 1;
int seen = 0;
SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);
	char comm[16] = {};
	long one = 1, *count;

	bpf_get_current_comm(comm, sizeof(comm));
	count = bpf_map_lookup_elem(&counts, comm);
	if (count)
		__sync_fetch_and_add(count, factor);
	else
		bpf_map_update_elem(&counts, comm, &one, BPF_ANY);
	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	e->kind = seen++ ? LATER : FIRST;
	e->big = 0xfedcba9876543210ULL;
	__builtin_memcpy(e->comm, comm, 16);
	bpf_ringbuf_submit(e, 0);
	return 0;
}
`;

/** Reads through a pointer that may be null: every verifier refuses it. */
export const careless = `%%bpf careless
${head}
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, int); __type(value, long); } counts SEC(".maps");
SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	int key = 1;
	long *count = bpf_map_lookup_elem(&counts, &key);

	*count += 1;
	return 0;
}
`;
