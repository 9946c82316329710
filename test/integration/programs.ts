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

/** A libbpf application around the program `writes`: counts its own write calls, ends at Ctrl-C. */
export const writesProgram = `%%bpf writes --no-attach
${head}
int my_pid = 0;
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, int); __type(value, long); } calls SEC(".maps");
SEC("tp/syscalls/sys_enter_write")
int on_write(void *ctx)
{
	int pid = bpf_get_current_pid_tgid() >> 32;
	long one = 1, *count;

	if (pid != my_pid)
		return 0;
	count = bpf_map_lookup_elem(&calls, &pid);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&calls, &pid, &one, BPF_ANY);
	return 0;
}
`;

export const writesApplication = `%%user writes --bg -- one "two words"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "writes.skel.h"

static volatile sig_atomic_t ending;

static void on_signal(int number)
{
	ending = 1;
}

int main(int argc, char **argv)
{
	struct writes_bpf *skel = writes_bpf__open();

	signal(SIGINT, on_signal);
	skel->bss->my_pid = getpid();
	if (writes_bpf__load(skel) || writes_bpf__attach(skel))
		return 1;
	printf("%d: %s, %s\\n", argc, argv[1], argv[2]);
	fflush(stdout);
	while (!ending) {
		write(2, ".", 1);
		usleep(200 * 1000);
	}
	printf("\\nended in order\\n");
	writes_bpf__destroy(skel);
	return 0;
}
`;

/** Samples in a perf buffer, with the CPU of each. */
export const perfEvents = `%%bpf perf
${head}
struct my_sample { int pid; long number; };
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } samples SEC(".maps");
long number;
SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	struct my_sample s = {};

	s.pid = bpf_get_current_pid_tgid() >> 32;
	s.number = ++number;
	bpf_perf_event_output(ctx, &samples, BPF_F_CURRENT_CPU, &s, sizeof(s));
	return 0;
}
`;

/** Text of an iterator over all tasks. */
export const taskIterator = `%%bpf tasks
${head}
SEC("iter/task")
int list(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	static const char format[] = "%d %s\\n";
	__u64 values[2];

	if (!task)
		return 0;
	values[0] = task->pid;
	values[1] = (__u64)task->comm;
	bpf_seq_printf(ctx->meta->seq, format, sizeof(format), values, sizeof(values));
	return 0;
}
`;

/** Counts in a histogram by its name and shape, and in a per-CPU array. */
export const histogram = `%%bpf lengths
${head}
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 32); __type(key, int); __type(value, __u64); } length_bytes_hist SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, __u64); } total SEC(".maps");
SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	int slot = 5, zero = 0;
	__u64 *count = bpf_map_lookup_elem(&length_bytes_hist, &slot);
	__u64 *all = bpf_map_lookup_elem(&total, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
	if (all)
		*all += 1;
	return 0;
}
`;

/** A congestion control that nobody uses: struct_ops programs and the map that registers them. */
export const congestionControl = `%%bpf congestion
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("struct_ops")
__u32 BPF_PROG(lab_ssthresh, struct sock *sk) { return 2; }
SEC("struct_ops")
__u32 BPF_PROG(lab_undo_cwnd, struct sock *sk) { return 2; }
SEC("struct_ops")
void BPF_PROG(lab_cong_avoid, struct sock *sk, __u32 ack, __u32 acked) {}

SEC(".struct_ops.link")
struct tcp_congestion_ops lab_control = {
  .ssthresh = (void *)lab_ssthresh,
  .undo_cwnd = (void *)lab_undo_cwnd,
  .cong_avoid = (void *)lab_cong_avoid,
  .name = "bpflab_test",
};
char LICENSE[] SEC("license") = "GPL";
`;

/** A hundred records for each getsid() of a perl, into a ring that takes a second of 100,000. */
export const flood = `%%bpf flood
${head}
struct event { unsigned long long number; unsigned int pid; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 8388608); } rb SEC(".maps");
unsigned long long next = 0;
SEC("tp/syscalls/sys_enter_getsid")
int on_getsid(void *ctx)
{
	struct event event = { .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_get_current_comm(event.comm, sizeof(event.comm));
	if (event.comm[0] != 'p' || event.comm[1] != 'e' || event.comm[2] != 'r' || event.comm[3] != 'l')
		return 0;
	for (int i = 0; i < 100; i++) {
		event.number = next++;
		bpf_ringbuf_output(&rb, &event, sizeof(event), 0);
	}
	return 0;
}
`;
