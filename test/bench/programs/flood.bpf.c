// SPDX-License-Identifier: Apache-2.0
// A hundred records for each getsid().
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
  unsigned long long number;
  unsigned int pid;
  int sign;
  char comm[16];
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 * 1024 * 1024);
} flood SEC(".maps");

unsigned long long next;

SEC("tp/syscalls/sys_enter_getsid")
int produce(void *ctx)
{
  struct event event = { .pid = bpf_get_current_pid_tgid() >> 32 };

  bpf_get_current_comm(event.comm, sizeof(event.comm));
  for (int i = 0; i < 100; i++) {
    event.number = next++;
    event.sign = event.number & 1 ? -1 : 1;
    bpf_ringbuf_output(&flood, &event, sizeof(event), 0);
  }
  return 0;
}
