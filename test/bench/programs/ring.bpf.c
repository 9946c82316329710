// SPDX-License-Identifier: Apache-2.0
// Numbered records of 32 bytes, as fast as somebody makes system calls. A full ring loses nothing: the number goes on
// only when a record was written. `sums` holds what the records' fields add up to. Calls of two CPUs at once would write
// the same numbers twice: the second one leaves it to the first.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct record {
  unsigned long long number;
  unsigned long long square;
  unsigned int low;
  int sign;
  unsigned long long mixed;
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 * 1024 * 1024);
} records SEC(".maps");

struct sums {
  unsigned long long number;
  unsigned long long square;
  unsigned long long low;
  unsigned long long sign;
  unsigned long long mixed;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, unsigned int);
  __type(value, struct sums);
} totals SEC(".maps");

const volatile unsigned long long wanted = 20000000;
unsigned long long next;
unsigned int busy;

static __always_inline int write_records(void)
{
  unsigned int key = 0;
  struct sums *sums = bpf_map_lookup_elem(&totals, &key);

  if (!sums)
    return 0;
  for (int i = 0; i < 256; i++) {
    unsigned long long number = next;
    struct record record;

    if (number >= wanted)
      return 0;
    record.number = number;
    record.square = number * number;
    record.low = (unsigned int)(number * 2654435761u);
    record.sign = number & 1 ? -(int)(number & 0xffff) : (int)(number & 0xffff);
    record.mixed = (number << 32) ^ (number * 0x9e3779b97f4a7c15ull);
    /* Readers are woken by each 4096th record, and by the last. */
    if (bpf_ringbuf_output(&records, &record, sizeof(record),
                           (number & 4095) == 4095 || number + 1 == wanted ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP))
      return 0;
    sums->number += record.number;
    sums->square += record.square;
    sums->low += record.low;
    sums->sign += (long long)record.sign;
    sums->mixed += record.mixed;
    next = number + 1;
  }
  return 0;
}

SEC("tp/syscalls/sys_enter_getsid")
int produce(void *ctx)
{
  if (__sync_lock_test_and_set(&busy, 1))
    return 0;
  write_records();
  __sync_lock_test_and_set(&busy, 0);
  return 0;
}
