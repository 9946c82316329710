// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* A flood of 32-byte records from test_run; a full ring is waited for or counted. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define BURST 256

struct record {
	__u64 number, square, sum;
	__u32 low, high;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 * 1024 * 1024);
} events SEC(".maps");

__u64 produced, failed, checksum;

SEC("xdp")
int flood(struct xdp_md *context)
{
	for (int i = 0; i < BURST; i++) {
		struct record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

		if (!record) {
			failed++;
			return XDP_DROP;
		}
		record->number = produced;
		record->square = produced * produced;
		record->sum = checksum;
		record->low = (__u32)produced;
		record->high = ~(__u32)produced;
		checksum += produced * 31;
		produced++;
		bpf_ringbuf_submit(record, 0);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
