// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "map_info.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "errors.h"

bool map_is_per_cpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

const char *map_no_walk(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		return "it has no keys, only its next value can be taken or peeked at";
	case BPF_MAP_TYPE_BLOOM_FILTER:
		return "a Bloom filter only answers whether a value was put in";
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_USER_RINGBUF:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
		return "it is a buffer of events; subscribe to it";
	case BPF_MAP_TYPE_INODE_STORAGE:
		return "the kernel has no walk over inode storage; look a file up by its path";
	case BPF_MAP_TYPE_ARENA:
		return "an arena is plain memory without entries";
	case BPF_MAP_TYPE_CGROUP_ARRAY:
	case BPF_MAP_TYPE_XSKMAP:
		return "the kernel does not give its entries to user space";
	default:
		return NULL;
	}
}

int map_open(struct map_ref *map, uint32_t id, int cpus, struct fault *fault)
{
	__u32 size = sizeof(map->info);
	int err;

	memset(map, 0, sizeof(*map));
	map->fd = bpf_map_get_fd_by_id(id);
	if (map->fd < 0)
		return fault_set(fault, E_MAP_UNKNOWN, errno, NULL, "There is no map with id %u.",
				 id);
	if (bpf_map_get_info_by_fd(map->fd, &map->info, &size)) {
		err = -errno;
		close(map->fd);
		map->fd = -1;
		return fault_set(fault, E_MAP_UNKNOWN, err, NULL,
				 "The kernel does not describe map %u: %s.", id, strerror(-err));
	}
	map->key_bytes = map->info.key_size;
	map->value_bytes = map->info.value_size;
	if (map_is_per_cpu(map->info.type))
		map->value_bytes = round_up_8(map->value_bytes) * (size_t)cpus;
	return 0;
}
