#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct value {
	struct bpf_spin_lock lock;
	unsigned long long last;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct value);
} values SEC(".maps");

SEC("tc")
int stamp(struct __sk_buff *skb)
{
	unsigned int zero = 0;
	struct value *v = bpf_map_lookup_elem(&values, &zero);

	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->last = bpf_ktime_get_ns();
	bpf_spin_unlock(&v->lock);
	return 0;
}
