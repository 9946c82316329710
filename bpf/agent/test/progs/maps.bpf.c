// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* One map of each kind that can be read or written from outside, and a program that fills some. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define MAP(map_name, map_type, entries, key_type, value_type)                                     \
	struct {                                                                                   \
		__uint(type, map_type);                                                            \
		__uint(max_entries, entries);                                                      \
		__type(key, key_type);                                                             \
		__type(value, value_type);                                                         \
	} map_name SEC(".maps")

struct lpm_key {
	__u32 prefix;
	__u32 address;
};

struct pair {
	__u32 first;
	__u64 second;
};

MAP(hash, BPF_MAP_TYPE_HASH, 100000, __u32, struct pair);
MAP(lru, BPF_MAP_TYPE_LRU_HASH, 128, __u32, __u64);
MAP(percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, 64, __u32, __u32);
MAP(array, BPF_MAP_TYPE_ARRAY, 16, __u32, __u64);
MAP(percpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, 4, __u32, __u64);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lpm_key);
	__type(value, __u32);
} lpm SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 8);
	__uint(value_size, sizeof(__u32));
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 8);
	__uint(value_size, sizeof(__u32));
} stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 64);
	__uint(value_size, sizeof(__u32));
} bloom SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 64);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 16 * sizeof(__u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} sockets SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} inner_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [0] = &inner_map } };

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} orders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} tiny SEC(".maps");

__u64 drained;
const volatile __u32 wanted_pid;

static long drain(struct bpf_dynptr *record, void *context)
{
	__u64 *value = bpf_dynptr_data(record, 0, sizeof(*value));

	if (value)
		drained += *value;
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getpgid")
int on_getpgid(void *context)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32, zero = 0;
	struct pair pair = { .first = pid, .second = 7 };
	__u64 *count;

	if (wanted_pid && pid != wanted_pid)
		return 0;
	count = bpf_map_lookup_elem(&percpu_array, &zero);
	if (count)
		(*count)++;
	count = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0,
				     BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (count)
		*count += 5;
	bpf_get_stackid(context, &stacks, BPF_F_FAST_STACK_CMP);
	bpf_user_ringbuf_drain(&orders, drain, NULL, 0);
	bpf_perf_event_output(context, &samples, BPF_F_CURRENT_CPU, &pair, sizeof(pair));
	bpf_ringbuf_output(&tiny, &pair, sizeof(pair), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
