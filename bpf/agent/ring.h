// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Streams of kernel buffers: ring buffers, perf buffers, the lines of printk, the text of
 * iterators. */
#ifndef BPFLAB_RING_H
#define BPFLAB_RING_H

#include "fault.h"
#include "run.h"

/* Each opens stream `id` for `run`; -errno and a fault otherwise. */
int ring_subscribe(struct run *run, uint32_t id, int map_fd, struct fault *fault);
int perf_subscribe(struct run *run, uint32_t id, int map_fd, uint32_t pages, struct fault *fault);
int iterator_subscribe(struct run *run, uint32_t id, int link_fd, struct fault *fault);
int stream_in_use(struct fault *fault, uint32_t id);

#endif
