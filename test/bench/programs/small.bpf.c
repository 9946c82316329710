// SPDX-License-Identifier: Apache-2.0
// A small program: one tracepoint, one map.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, unsigned int);
  __type(value, unsigned long long);
} calls SEC(".maps");

SEC("tp/syscalls/sys_enter_write")
int count(void *ctx)
{
  unsigned int pid = bpf_get_current_pid_tgid() >> 32;
  unsigned long long one = 1, *calls_so_far = bpf_map_lookup_elem(&calls, &pid);

  if (calls_so_far)
    __sync_fetch_and_add(calls_so_far, 1);
  else
    bpf_map_update_elem(&calls, &pid, &one, BPF_ANY);
  return 0;
}
