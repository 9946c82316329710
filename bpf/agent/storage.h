// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Local storages of tasks, sockets, cgroups and inodes. The kernel finds an entry by a descriptor of its owner; on the wire
 * its key (4 bytes) is what people know the owner by: the thread's id, the inode number of the socket (as in `ss -e` and
 * /proc/PID/fd), the id of the cgroup. An inode's storage is found by path only.
 */
#ifndef BPFLAB_STORAGE_H
#define BPFLAB_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"
#include "map_info.h"

#define STORAGE_KEY_BYTES 4

/* Entries that were collected: keys and values one after the other. */
struct storage_entries {
	uint8_t *keys, *values;
	size_t count, capacity;
};

bool storage_is(uint32_t type);
/* A descriptor of the owner, which the caller closes; -ESRCH, -ENOENT … when there is no such owner. */
int storage_owner(const struct map_ref *map, const struct facts *facts, const uint8_t *key);
/* Likewise by path: an inode's file, or a cgroup below the cgroup2 mount. -EOPNOTSUPP for other storages. */
int storage_owner_by_path(const struct map_ref *map, const struct facts *facts, const char *path);
/* Collects all entries; walks /proc, cgroups or, by an iterator program, sockets. -errno. */
int storage_collect(const struct map_ref *map, const struct facts *facts,
		    struct storage_entries *entries);
/* Adds an entry whose value is at `value`; -ENOMEM. */
int storage_add(struct storage_entries *entries, const struct map_ref *map, uint32_t key,
		const void *value);
/* Part of storage_collect. */
int storage_collect_sockets(const struct map_ref *map, struct storage_entries *entries);
void storage_entries_free(struct storage_entries *entries);

#endif
