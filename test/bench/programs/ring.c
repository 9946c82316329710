// SPDX-License-Identifier: Apache-2.0
// What somebody writes by hand to keep every record of ring.bpf.c: each is printed to a file.
// Prints "CPU seconds, records per second" when all have come.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <bpf/libbpf.h>
#include "ring.skel.h"

struct record {
  unsigned long long number;
  unsigned long long square;
  unsigned int low;
  int sign;
  unsigned long long mixed;
};

static FILE *output;
static unsigned long long count;
static struct timespec first;

static int print_record(void *context, void *data, size_t size)
{
  const struct record *record = data;

  (void)context;
  (void)size;
  if (count++ == 0)
    clock_gettime(CLOCK_MONOTONIC, &first);
  fprintf(output, "%llu %llu %u %d %llu\n", record->number, record->square, record->low, record->sign, record->mixed);
  return 0;
}

int main(int argc, char **argv)
{
  unsigned long long wanted = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  struct ring_buffer *ring = NULL;
  struct timespec last;
  struct rusage usage;
  struct ring_bpf *skeleton;
  double seconds;

  output = argc > 1 ? fopen(argv[1], "w") : NULL;
  if (!output || !wanted)
    return 2;
  skeleton = ring_bpf__open();
  if (!skeleton)
    return 1;
  skeleton->rodata->wanted = wanted;
  if (ring_bpf__load(skeleton) || ring_bpf__attach(skeleton))
    return 1;
  ring = ring_buffer__new(bpf_map__fd(skeleton->maps.records), print_record, NULL, NULL);
  if (!ring)
    return 1;
  fprintf(stderr, "ready\n");
  while (count < wanted) {
    if (ring_buffer__poll(ring, 10) < 0)
      return 1;
    ring_buffer__consume(ring);
  }
  fflush(output);
  clock_gettime(CLOCK_MONOTONIC, &last);
  getrusage(RUSAGE_SELF, &usage);
  seconds = (last.tv_sec - first.tv_sec) + (last.tv_nsec - first.tv_nsec) / 1e9;
  printf("%.3f %.0f\n",
         usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
         count / seconds);
  ring_buffer__free(ring);
  ring_bpf__destroy(skeleton);
  return 0;
}
