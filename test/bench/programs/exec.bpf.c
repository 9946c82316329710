// SPDX-License-Identifier: Apache-2.0
// The size of a first real program: exec and exit of processes through a ring buffer.
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
  int pid;
  int ppid;
  unsigned int exit_code;
  unsigned int is_exit;
  unsigned long long duration_ns;
  char comm[16];
  char filename[64];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __type(key, int);
  __type(value, unsigned long long);
} started SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} events SEC(".maps");

const volatile unsigned long long min_duration_ns = 0;

SEC("tp/sched/sched_process_exec")
int handle_exec(struct trace_event_raw_sched_process_exec *ctx)
{
  struct task_struct *task = (struct task_struct *)bpf_get_current_task();
  int pid = bpf_get_current_pid_tgid() >> 32;
  unsigned long long now = bpf_ktime_get_ns();
  unsigned int filename_offset = ctx->__data_loc_filename & 0xFFFF;
  struct event *event;

  bpf_map_update_elem(&started, &pid, &now, BPF_ANY);
  if (min_duration_ns)
    return 0;
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event)
    return 0;
  event->pid = pid;
  event->ppid = BPF_CORE_READ(task, real_parent, tgid);
  event->exit_code = 0;
  event->is_exit = 0;
  event->duration_ns = 0;
  bpf_get_current_comm(event->comm, sizeof(event->comm));
  bpf_probe_read_str(event->filename, sizeof(event->filename), (void *)ctx + filename_offset);
  bpf_ringbuf_submit(event, 0);
  return 0;
}

SEC("tp/sched/sched_process_exit")
int handle_exit(void *ctx)
{
  struct task_struct *task = (struct task_struct *)bpf_get_current_task();
  unsigned long long id = bpf_get_current_pid_tgid();
  int pid = id >> 32;
  unsigned long long *start, duration_ns = 0;
  struct event *event;

  if (pid != (int)id)
    return 0;
  start = bpf_map_lookup_elem(&started, &pid);
  if (start)
    duration_ns = bpf_ktime_get_ns() - *start;
  else if (min_duration_ns)
    return 0;
  bpf_map_delete_elem(&started, &pid);
  if (duration_ns < min_duration_ns)
    return 0;
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event)
    return 0;
  event->pid = pid;
  event->ppid = BPF_CORE_READ(task, real_parent, tgid);
  event->exit_code = (BPF_CORE_READ(task, exit_code) >> 8) & 0xff;
  event->is_exit = 1;
  event->duration_ns = duration_ns;
  bpf_get_current_comm(event->comm, sizeof(event->comm));
  event->filename[0] = 0;
  bpf_ringbuf_submit(event, 0);
  return 0;
}
