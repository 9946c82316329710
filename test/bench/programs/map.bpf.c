// SPDX-License-Identifier: Apache-2.0
// A hash map that fills itself: each getsid() adds entries until there are a million.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct entry_key {
  unsigned int number;
  unsigned int group;
};

struct entry_value {
  unsigned long long count;
  unsigned long long bytes;
  char name[8];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1000000);
  __type(key, struct entry_key);
  __type(value, struct entry_value);
} entries SEC(".maps");

unsigned int next;

SEC("tp/syscalls/sys_enter_getsid")
int fill(void *ctx)
{
  for (int i = 0; i < 256; i++) {
    struct entry_key key = { .number = next, .group = next & 7 };
    struct entry_value value = { .count = next, .bytes = (unsigned long long)next << 20, .name = "entry" };

    if (next >= 1000000)
      return 0;
    bpf_map_update_elem(&entries, &key, &value, BPF_ANY);
    next++;
  }
  return 0;
}
