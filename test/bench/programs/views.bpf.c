/* Each getsid() changes all three views: a ring, a map, a histogram. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 262144); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, int); __type(value, long); } counts SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 32); __type(key, int); __type(value, long); } slot_hist SEC(".maps");
struct event { unsigned long long time; int slot; };
SEC("tp/syscalls/sys_enter_getsid")
int on_call(void *ctx)
{
	struct event event = { .time = bpf_ktime_get_ns() };
	long one = 1, *count;

	event.slot = event.time % 30;
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	if (!(count = bpf_map_lookup_elem(&counts, &event.slot)))
		bpf_map_update_elem(&counts, &event.slot, &one, BPF_ANY);
	else
		__sync_fetch_and_add(count, 1);
	if ((count = bpf_map_lookup_elem(&slot_hist, &event.slot)))
		__sync_fetch_and_add(count, 1);
	return 0;
}
