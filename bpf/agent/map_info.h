// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* A map by its kernel id, with the sizes that bpf() really copies. */
#ifndef BPFLAB_MAP_INFO_H
#define BPFLAB_MAP_INFO_H

#include <bpf/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "fault.h"

/* `value_bytes`: for per-CPU maps possible CPUs × the value's size rounded up to 8. */
struct map_ref {
	int fd;
	struct bpf_map_info info;
	size_t key_bytes, value_bytes;
};

/* Opens it; -errno and a fault. The caller closes `fd`. */
int map_open(struct map_ref *map, uint32_t id, int cpus, struct fault *fault);
bool map_is_per_cpu(uint32_t type);
/* Why entries of this type cannot be walked; NULL when they can. */
const char *map_no_walk(uint32_t type);

#endif
