// SPDX-License-Identifier: Apache-2.0
// What somebody writes by hand to see the events of exec.bpf.c.
#include <signal.h>
#include <stdio.h>
#include <bpf/libbpf.h>
#include "exec.skel.h"

struct event {
  int pid;
  int ppid;
  unsigned int exit_code;
  unsigned int is_exit;
  unsigned long long duration_ns;
  char comm[16];
  char filename[64];
};

static volatile sig_atomic_t stopping;

static void stop(int signal)
{
  (void)signal;
  stopping = 1;
}

static int print_event(void *context, void *data, size_t size)
{
  const struct event *event = data;

  (void)context;
  (void)size;
  if (event->is_exit)
    printf("EXIT  %-16s %-7d %-7d [%u] (%llums)\n", event->comm, event->pid, event->ppid, event->exit_code,
           event->duration_ns / 1000000);
  else
    printf("EXEC  %-16s %-7d %-7d %s\n", event->comm, event->pid, event->ppid, event->filename);
  return 0;
}

int main(void)
{
  struct ring_buffer *ring = NULL;
  struct exec_bpf *skeleton;
  int error = 1;

  signal(SIGINT, stop);
  signal(SIGTERM, stop);
  skeleton = exec_bpf__open();
  if (!skeleton)
    return 1;
  if (exec_bpf__load(skeleton) || exec_bpf__attach(skeleton))
    goto cleanup;
  ring = ring_buffer__new(bpf_map__fd(skeleton->maps.events), print_event, NULL, NULL);
  if (!ring)
    goto cleanup;
  while (!stopping)
    ring_buffer__poll(ring, 100);
  error = 0;
cleanup:
  ring_buffer__free(ring);
  exec_bpf__destroy(skeleton);
  return error;
}
